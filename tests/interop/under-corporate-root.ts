/** An authority of ours below a corporate root: it takes the answer, and works with other programs. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { startAuthority, type Ended, type Surroundings } from '../e2e/command.ts';
import { countersign } from '../e2e/here.ts';
import { openssl, type CorporateAuthority } from './corporate.ts';
import { missing, run, startPeer } from './peers.ts';

export const trustDomain = 'corp.internal';

export const take = (dir: string, ...args: string[]): Promise<Ended> =>
  countersign(['authority', 'import', '--dir', dir, '--json', ...args]);

/** Runs the authority, enrols, verifies by OpenSSL, and shakes hands both ways with its s_server. */
export async function works(
  dir: string,
  anchor: CorporateAuthority,
  chainLength: number,
  surroundings: Surroundings = {},
): Promise<void> {
  const authority = await startAuthority(dir, surroundings);
  try {
    const sum = (await openssl('x509', '-in', anchor.certificate, '-noout', '-fingerprint', '-sha256')).split('=')[1];
    assert.equal(authority.root, sum?.trim().replaceAll(':', '').toLowerCase(), 'the pin is the corporate root');
    const name = `web.${trustDomain}`;
    const token = `${dir}.token`;
    const made = await countersign(['token', name, '--dir', dir, '--out', token, '--json']);
    assert.equal(made.status, 0, made.err);
    const out = `${dir}-web`;
    const issued = await countersign(['issue', '--token-file', token, '--out', out, '--json']);
    assert.equal(issued.status, 0, issued.err);
    const chain = await readFile(`${out}/cert.pem`, 'utf8');
    assert.equal(chain.match(/BEGIN CERTIFICATE/g)?.length, chainLength);
    const verified = await run('openssl', [
      ...['verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', anchor.certificate],
      ...['-untrusted', `${out}/cert.pem`, `${out}/cert.pem`],
    ]);
    assert.match(verified.out, /: OK/, verified.err);
    await handshake(out, anchor, name);
    const renewed = await countersign(['renew', '--dir-credential', out, '--json']);
    assert.equal(renewed.status, 0, renewed.err);
    const own = await run('curl', [
      ...['-sS', '--cacert', anchor.certificate, '--cert', `${out}/cert.pem`, '--key', `${out}/key.pem`],
      `${authority.url}/v1/whoami`,
    ]);
    if (missing('curl') === false) assert.match(own.out, new RegExp(`spiffe://${trustDomain}/${name}`), own.err);
  } finally {
    await authority.stop();
  }
}

async function handshake(out: string, anchor: CorporateAuthority, name: string): Promise<void> {
  const own = ['-cert', `${out}/cert.pem`, '-cert_chain', `${out}/cert.pem`, '-key', `${out}/key.pem`];
  const trust = ['-CAfile', anchor.certificate];
  const server = await startPeer(
    'openssl',
    ['s_server', '-accept', '127.0.0.1:0', ...own, ...trust, '-Verify', '5', '-verify_return_error', '-www'],
    /ACCEPT [^\n]*:(\d+)/,
  );
  try {
    const { out: said, err } = await run(
      'openssl',
      [
        ...['s_client', '-connect', `127.0.0.1:${server.port}`, ...own, ...trust],
        ...['-verify_return_error', '-verify_hostname', name, '-tls1_3', '-quiet'],
      ],
      'GET / HTTP/1.0\r\n\r\n',
    );
    assert.match(said, /HTTP\/1\.0 200/, err);
  } finally {
    await server.stop();
  }
}
