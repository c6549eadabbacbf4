/** The answers as files: `authority export-ocsp` writes them, nginx serves them, and openssl ocsp believes what comes by GET. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { encodePem } from '../../packages/countersign/src/ground/encoding/index.ts';
import type { AuthoritySettings } from '../../packages/countersign/src/issuing/server/index.ts';
import { MutableSource } from '../../packages/countersign/src/runtime/tls/index.ts';
import { ocspFile } from '../../packages/countersign/src/cli/ocsp/ocsp-file.ts';
import { freePort } from '../fixtures/free-port.ts';
import { findProgram } from '../../bench/frame/server-process.ts';
import { type ServerHouse, startHouse } from '../authority/server-house.ts';
import { countersign } from '../e2e/here.ts';
import { missing, run } from './peers.ts';

async function exported(
  t: TestContext,
): Promise<{ house: ServerHouse; files: string; result: Record<string, unknown> }> {
  const settings: AuthoritySettings = { publishing: { listen: '127.0.0.1:0' } };
  const house = await startHouse(t, { settings: new MutableSource(settings) });
  const [web, db] = [await house.service('web'), await house.service('db')];
  await house.local.revoke({ serial: db.leaf.serialNumber });
  for (const [name, { leaf }] of Object.entries({ web, db })) {
    await writeFile(join(house.dir, `${name}.pem`), encodePem('CERTIFICATE', leaf.raw));
  }
  const files = join(house.dir, 'files');
  const url = `${house.server.publishingUrl() ?? ''}/ocsp`;
  const { status, result, err } = await countersign([
    ...['authority', 'export-ocsp', files, '--dir', house.dir, '--url', url, '--json'],
  ]);
  assert.equal(status, 0, err);
  return { house, files, result };
}

test('one file for each certificate and hash, each replaced whole', async (t) => {
  const { files, result } = await exported(t);
  // Two services, and the authority's own three.
  assert.deepEqual([result['answers'], result['revoked'], result['removed']], [10, 2, 0]);
  const names = await readdir(files, { recursive: true, withFileTypes: true });
  assert.equal(names.filter((entry) => entry.isFile()).length, 10);
  assert.ok(names.every(({ name }) => !name.endsWith('.tmp')));
});

test('a responder that is not there is named', async (t) => {
  const house = await startHouse(t);
  const { status, err } = await countersign([
    ...['authority', 'export-ocsp', join(house.dir, 'files'), '--dir', house.dir, '--url', 'http://127.0.0.1:9/ocsp'],
  ]);
  assert.equal(status, 3);
  assert.match(err, /^ CS-OCSP-010 [^]*ocsp/);
});

const nginx = findProgram('nginx');
const skip =
  nginx === undefined ? 'nginx is not installed: nothing was shown of how it serves the files' : missing('openssl');
if (nginx === undefined) process.stderr.write(`SKIPPED: ${String(skip)}\n`);

test('nginx serves them to who asks by GET', { skip }, async (t) => {
  const { house, files } = await exported(t);
  const port = await freePort();
  await serve(t, house.dir, files, port);
  // A request whose base64 has two slashes and ends with one.
  const odd = ocspFile(files, 'MEow//a/');
  await mkdir(dirname(odd), { recursive: true });
  await writeFile(odd, 'odd');
  const last = await fetch(`http://127.0.0.1:${String(port)}/ocsp/MEow%2F%2Fa%2F`);
  assert.deepEqual([last.status, await last.text()], [200, 'odd']);
  const authority = join(house.dir, 'authority');
  const issuer = join(authority, 'issuer.pem');
  for (const [name, expected] of [
    ['web', /web\.pem: good/],
    ['db', /db\.pem: revoked/],
  ] as const) {
    for (const hash of ['-sha1', '-sha256']) {
      const certificate = join(house.dir, `${name}.pem`);
      const [request, response] = [join(house.dir, 'request.der'), join(house.dir, 'response.der')];
      await run('openssl', ['ocsp', '-no_nonce', '-issuer', issuer, hash, '-cert', certificate, '-reqout', request]);
      const asked = encodeURIComponent((await readFile(request)).toString('base64'));
      const answered = await fetch(`http://127.0.0.1:${String(port)}/ocsp/${asked}`);
      assert.equal(answered.status, 200);
      assert.equal(answered.headers.get('content-type'), 'application/ocsp-response');
      await writeFile(response, new Uint8Array(await answered.arrayBuffer()));
      const { out, err } = await run('openssl', [
        ...['ocsp', '-no_nonce', '-respin', response, '-issuer', issuer, hash, '-cert', certificate],
        ...['-CAfile', join(authority, 'root.pem'), '-verify_other', issuer],
      ]);
      assert.match(err, /Response verify OK/);
      assert.match(out, expected);
    }
  }
});

async function serve(t: TestContext, dir: string, files: string, port: number): Promise<void> {
  const folder = join(dir, 'nginx');
  await mkdir(folder);
  await chmod(dir, 0o755);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const configuration = `daemon off;
master_process off;
pid ${folder}/nginx.pid;
events { worker_connections 64; }
http {
  access_log off;
${temporary.map((name) => `  ${name}_temp_path ${folder}/${name};`).join('\n')}
  server {
    listen 127.0.0.1:${String(port)};
    location /ocsp/ {
      alias ${files}/;
      index answer;
      types { }
      default_type application/ocsp-response;
      add_header Cache-Control "max-age=60, public, no-transform, must-revalidate";
    }
  }
}
`;
  await writeFile(join(folder, 'nginx.conf'), configuration);
  const args = ['-p', folder, '-e', join(folder, 'error.log'), '-c', join(folder, 'nginx.conf')];
  const child = spawn(nginx ?? 'nginx', args, { stdio: 'ignore' });
  t.after(() => child.kill('SIGKILL'));
  for (let tries = 0; tries < 100; tries++) {
    const answered = await fetch(`http://127.0.0.1:${String(port)}/`).then(
      () => true,
      () => false,
    );
    if (answered) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('nginx did not listen');
}
