/**
 * Class A, with a client of another make: OpenSSL's `s_client` keeps its session in a file and comes back with it, with another certificate and with none.
 * Stands for: nginx CVE-2025-23419; Apache CVE-2025-23048, as they are tried from outside.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { allowAnyPeer } from '../../packages/countersign/src/identity/authorization/index.ts';
import { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { missing, run } from '../interop/peers.ts';
import { bareResuming } from './bare-resuming.ts';
import { allOf, type Protocol, serversAndGateways } from './endpoints.ts';
import { requestInOctets } from './http2-request.ts';
import { pemOf, presented, type TlsVersion } from './presented.ts';

const skip = missing('openssl');
const authority = new TestAuthority();
let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sessions-'));
  for (const name of ['web', 'mallory']) {
    const { cert, key } = presented(authority.issue(name));
    await writeFile(join(folder, name), cert + key);
  }
});
after(() => rm(folder, { recursive: true }));

interface Seen {
  /** Of OpenSSL's own summary. */
  readonly handshake: 'New' | 'Reused' | undefined;
  /** Whose name the server answered with. */
  readonly as: string | undefined;
}

interface Place {
  readonly port: number;
  readonly version: TlsVersion;
  /** Of a server that speaks several, the first. */
  readonly protocol: Protocol | undefined;
}

async function sClient({ port, version, protocol }: Place, name: string | undefined, session: string[]): Promise<Seen> {
  const where = ['-connect', `127.0.0.1:${port}`, version === 'TLSv1.3' ? '-tls1_3' : '-tls1_2'];
  if (protocol === 'h2') where.push('-alpn', 'h2');
  const own =
    name === undefined
      ? []
      : ['-cert', join(folder, name), '-key', join(folder, name), '-cert_chain', join(folder, name)];
  const asked = protocol === 'h2' ? requestInOctets('x') : 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
  const { out } = await run('openssl', ['s_client', '-ign_eof', ...where, ...own, ...session], asked);
  return {
    handshake: /^(New|Reused), TLS/m.exec(out)?.[1] as Seen['handshake'],
    as: /spiffe:\/\/test\.internal\/(web|mallory)/.exec(out)?.[1],
  };
}

/** A first time as `web`, and then with what was kept: as `mallory`, and as nobody. */
async function comeBack(to: Place): Promise<readonly [Seen, Seen, Seen]> {
  const kept = join(folder, `session of ${to.port}`);
  return [
    await sClient(to, 'web', ['-sess_out', kept]),
    await sClient(to, 'mallory', ['-sess_in', kept]),
    await sClient(to, undefined, ['-sess_in', kept]),
  ];
}

for (const version of ['TLSv1.3', 'TLSv1.2'] as const) {
  test(`a bare server takes whoever comes back for the one who was there: ${version}`, { skip }, async (t) => {
    const orders = presented(authority.issue('orders'));
    const { port } = await bareResuming(t, orders, version, { ca: pemOf([authority.root.raw]) });
    const resumed = { handshake: 'Reused', as: 'web' };
    assert.deepEqual(await comeBack({ port, version, protocol: 'http/1.1' }), [
      { ...resumed, handshake: 'New' },
      resumed,
      resumed,
    ]);
  });

  test(`no server resumes, and each visitor is who it shows to be: ${version}`, { skip }, async (t) => {
    const speaking = serversAndGateways.filter(({ versions }) => versions.includes(version));
    const tried = speaking.map(async ({ name, protocols: [protocol], start }) => {
      const { port } = await start(t, { authority, policy: allowAnyPeer(), version });
      const [first, second, third] = await comeBack({ port, version, protocol });
      assert.deepEqual([first.as, second], ['web', { handshake: 'New', as: 'mallory' }], name);
      assert.ok(third.handshake !== 'Reused' && third.as === undefined, name);
    });
    await allOf(tried);
  });
}
