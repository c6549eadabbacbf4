/** nginx and HAProxy as services behind the gateway: mutual TLS that they insist on themselves, and PROXY headers that they read. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { encodePem } from '../../packages/countersign/src/ground/encoding/index.ts';
import { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { freePort } from '../fixtures/free-port.ts';
import { startGateway } from '../gateway/running-gateway.ts';

const authority = new TestAuthority();
const domain = authority.trustDomain;
const acme = authority.issue('acme');
const pem = (certificates: readonly Uint8Array[]): string =>
  certificates.map((der) => encodePem('CERTIFICATE', der)).join('');

function missing(program: string): string | false {
  if (spawnSync(program, ['-v']).status === 0) return false;
  const reason = `${program} is not installed: nothing was shown of it behind the gateway`;
  process.stderr.write(`SKIPPED: ${reason}\n`);
  return reason;
}

/** @returns the port at which it listens */
async function started(
  t: TestContext,
  configuration: (port: number, folder: string) => string,
  command: (file: string, folder: string) => readonly [string, ...string[]],
): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'behind-'));
  const { chain, privateKey } = authority.issue('orders');
  await writeFile(join(folder, 'cert.pem'), pem(chain));
  await writeFile(join(folder, 'key.pem'), privateKey.toPem(), { mode: 0o600 });
  await writeFile(join(folder, 'roots.pem'), pem(authority.bundle().anchors.map(({ raw }) => raw)));
  const port = await freePort();
  const file = join(folder, 'configuration');
  await writeFile(file, configuration(port, folder));
  const [name, ...rest] = command(file, folder);
  const program = spawn(name, rest, { stdio: ['ignore', 'ignore', 'inherit'] });
  t.after(async () => {
    if (program.exitCode === null) {
      program.kill('SIGTERM');
      await once(program, 'exit');
    }
    await rm(folder, { recursive: true, force: true });
  });
  while (!(await listens(port))) assert.equal(program.exitCode, null, `${name} ended`);
  return port;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

interface Behind {
  readonly scheme: 'http' | 'https';
  readonly identity: 'xfcc' | 'proxy-v2';
  readonly shows?: string;
}

async function asked(t: TestContext, port: number, { scheme, identity, shows = 'main' }: Behind): Promise<string> {
  const other = new TestAuthority({ trustDomain: 'elsewhere.test' });
  const expect = `{ spiffeId: 'spiffe://${domain}/orders' }`;
  const tls = scheme === 'https' ? `, tls: { trust: ${domain}, expect: ${expect}, credential: ${shows} }` : '';
  const gateway = await startGateway(t, {
    authorities: [authority],
    credentials: { main: authority.issue('gateway'), stranger: other.issue('gateway') },
    rest: `partners: [{ name: acme, trust: ${domain}, who: [{ spiffeId: 'spiffe://${domain}/acme' }] }]
hosts: { api.test: { certificate: required, credential: main, trust: [${domain}] } }
routes: [{ name: all, host: api.test, path: /, allow: [acme], upstream: behind, identity: ${identity} }]
upstreams: { behind: { targets: ['${scheme}://127.0.0.1:${port}']${tls} } }
`,
  });
  const asking = httpsRequest({
    ...{ host: '127.0.0.1', port: gateway.port, path: '/', servername: 'api.test', headers: { host: 'api.test' } },
    ...{ rejectUnauthorized: false, agent: false, cert: pem(acme.chain), key: acme.privateKey.toPem() },
  }).end();
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  let said = '';
  for await (const piece of answer.setEncoding('utf8')) said += String(piece);
  return /CS-[A-Z]+-\d+/.exec(said)?.[0] ?? `${answer.statusCode} ${said}`;
}

const nginxOf =
  (server: (port: number, folder: string) => string) =>
  (port: number, folder: string): string =>
    `daemon off;
pid ${folder}/pid;
error_log stderr;
events {}
http {
  access_log off;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  server { ${server(port, folder)} }
}
`;
const runNginx = (file: string, folder: string): readonly [string, ...string[]] => ['nginx', '-p', folder, '-c', file];

test('nginx that insists on a certificate gets that of the gateway', { skip: missing('nginx') }, async (t) => {
  const port = await started(
    t,
    nginxOf(
      (
        at,
        folder,
      ) => `listen 127.0.0.1:${at} ssl; ssl_certificate ${folder}/cert.pem; ssl_certificate_key ${folder}/key.pem;
    ssl_client_certificate ${folder}/roots.pem; ssl_verify_client on; ssl_protocols TLSv1.3;
    location / { return 200 "$ssl_client_verify $http_x_forwarded_client_cert"; }`,
    ),
    runNginx,
  );
  const said = await asked(t, port, { scheme: 'https', identity: 'xfcc' });
  assert.match(said, new RegExp(`^200 SUCCESS By=.*URI=spiffe://${domain}/acme`));
  const refused = await asked(t, port, { scheme: 'https', identity: 'xfcc', shows: 'stranger' });
  assert.match(refused, /^(?:CS-GATEWAY-041|400 )/, 'a gateway of another authority');
});

test('nginx reads who calls in the PROXY header', { skip: missing('nginx') }, async (t) => {
  const port = await started(
    t,
    nginxOf(
      (at) => `listen 127.0.0.1:${at} proxy_protocol;
    location / { return 200 "$proxy_protocol_addr $proxy_protocol_server_addr"; }`,
    ),
    runNginx,
  );
  assert.equal(await asked(t, port, { scheme: 'http', identity: 'proxy-v2' }), '200 127.0.0.1 127.0.0.1');
});

test('HAProxy reads who calls in the PROXY header', { skip: missing('haproxy') }, async (t) => {
  const port = await started(
    t,
    (at) => `defaults
  mode http
  timeout client 5s
  timeout server 5s
  timeout connect 5s
frontend in
  bind 127.0.0.1:${at} accept-proxy
  http-request return status 200 content-type text/plain lf-string "%[src] %[fc_pp_authority]"
`,
    (file) => ['haproxy', '-db', '-f', file],
  );
  assert.equal(await asked(t, port, { scheme: 'http', identity: 'proxy-v2' }), '200 127.0.0.1 api.test');
});
