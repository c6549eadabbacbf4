/** Our PROXY header with TLVs, as HAProxy, nginx and Envoy read it: the caller's address, the server name, the names out of the certificate. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { allowAnyPeer } from '../../packages/countersign/src/identity/authorization/index.ts';
import { withoutRevocation } from '../../packages/countersign/src/identity/revocation/index.ts';
import { createPeerVerifier, fixedSource, Trust } from '../../packages/countersign/src/runtime/tls/index.ts';
import { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { proxyHeader } from '../../packages/countersign/src/traffic/forwarded-identity/index.ts';

const authority = new TestAuthority();
const trust = new Trust({
  bundles: fixedSource(authority.bundles()),
  revocations: fixedSource(withoutRevocation),
  clock: systemClock,
});
const verifier = createPeerVerifier({ peer: 'client', policy: allowAnyPeer(), trust, clock: systemClock });
const web = verifier.verify(authority.issue('web', { commonName: 'Web of Acme' }).chain);

const header = proxyHeader(web, {
  source: { address: '192.0.2.7', port: 4711 },
  destination: { address: '192.0.2.1', port: 443 },
  serverName: 'pay.internal',
  tlsVersion: 'TLSv1.3',
  partner: 'acme',
});
const damaged = header.slice();
damaged.set([(damaged.at(-1) ?? 0) ^ 0xff], damaged.length - 1);

const envoy = process.env['COUNTERSIGN_ENVOY'] ?? 'envoy';

function missing(program: string, arguments_: readonly string[]): string | false {
  if (spawnSync(program, arguments_).status === 0) return false;
  const reason = `${program} is not installed: nothing was shown of how it reads our PROXY header`;
  process.stderr.write(`SKIPPED: ${reason}\n`);
  return reason;
}

interface Reader {
  readonly path: string;
  readonly program: ChildProcess;
}

/** @param configuration of a reader that listens at the Unix socket of this path */
async function started(
  t: TestContext,
  configuration: (path: string, folder: string) => string,
  command: (file: string, folder: string) => readonly [string, ...string[]],
): Promise<Reader> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-'));
  const [file, path] = [join(folder, 'configuration.yaml'), join(folder, 'socket')];
  await writeFile(file, configuration(path, folder));
  const [name, ...rest] = command(file, folder);
  const program = spawn(name, rest, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  program.stderr.on('data', (chunk) => (said += String(chunk)));
  t.after(async () => {
    if (program.exitCode === null && program.signalCode === null) {
      program.kill('SIGTERM');
      await once(program, 'exit');
    }
    await rm(folder, { recursive: true, force: true });
  });
  while (!(await listens(path))) {
    if (program.exitCode !== null) assert.fail(said);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return { path, program };
}

function opened(path: string): Socket {
  return connect(path).on('error', () => undefined);
}

async function listens(path: string): Promise<boolean> {
  const socket = opened(path);
  const there = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.once('close', () => resolve(false));
  });
  socket.destroy();
  return there;
}

async function answerTo(path: string, octets: Uint8Array): Promise<string> {
  const socket = opened(path);
  let answer = '';
  socket.on('data', (chunk) => (answer += String(chunk)));
  socket.write(Buffer.concat([octets, Buffer.from('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')]));
  await new Promise<void>((resolve) => socket.once('close', () => resolve()));
  return answer;
}

test(
  'HAProxy reads the address and the server name, and refuses a damaged header',
  { skip: missing('haproxy', ['-v']) },
  async (t) => {
    const { path } = await started(
      t,
      (socket) => `defaults
  mode http
  timeout client 10s
  timeout server 10s
  timeout connect 10s
frontend in
  bind unix@${socket} accept-proxy
  http-request return status 200 content-type text/plain lf-string "%[src] %[src_port] %[dst] %[fc_pp_authority]"
`,
      (file) => ['haproxy', '-db', '-f', file],
    );
    assert.match(await answerTo(path, header), /192\.0\.2\.7 4711 192\.0\.2\.1 pay\.internal$/);
    assert.doesNotMatch(await answerTo(path, damaged), /192\.0\.2\.7/);
  },
);

/** Those with variables for TLVs. */
const nginxSince = [1, 23, 2];

test('nginx reads the address, and the TLVs where its version can', { skip: missing('nginx', ['-v']) }, async (t) => {
  const version = (/nginx\/([\d.]+)/.exec(String(spawnSync('nginx', ['-v']).stderr))?.[1] ?? '0')
    .split('.')
    .map(Number);
  const [place = 3] = [0, 1, 2].filter((at) => version[at] !== nginxSince[at]);
  const reads = (version[place] ?? 0) >= (nginxSince[place] ?? 0);
  if (!reads)
    process.stderr.write(
      `SKIPPED: nginx ${version.join('.')} has no variables for TLVs (1.23.2 has); the address alone is tried\n`,
    );
  const tlvs = reads
    ? '$proxy_protocol_tlv_ssl_cn|$proxy_protocol_tlv_ssl_verify|$proxy_protocol_tlv_authority|$proxy_protocol_tlv_0xe0'
    : '';
  const { path } = await started(
    t,
    (socket, folder) => `pid ${folder}/pid;
error_log stderr;
events {}
http {
  access_log off;
  client_body_temp_path ${folder}/a; proxy_temp_path ${folder}/b; fastcgi_temp_path ${folder}/c; uwsgi_temp_path ${folder}/d; scgi_temp_path ${folder}/e;
  server {
    listen unix:${socket} proxy_protocol;
    return 200 "$proxy_protocol_addr $proxy_protocol_port ${tlvs}";
  }
}
`,
    (file, folder) => ['nginx', '-p', folder, '-c', file, '-e', 'stderr', '-g', 'daemon off;'],
  );
  const answer = await answerTo(path, header);
  assert.match(answer, /192\.0\.2\.7 4711 /);
  if (reads) assert.ok(answer.endsWith(`Web of Acme|0|pay.internal|${web.spiffeId ?? ''}`), answer);
});

test('Envoy reads the address and our TLVs', { skip: missing(envoy, ['--version']) }, async (t) => {
  const tlv = (type: string, key: string): string => `{ tlv_type: ${type}, on_tlv_present: { key: ${key} } }`;
  const shown = (name: string, value: string): string => `{ header: { key: ${name}, value: "${value}" } }`;
  const metadata = (key: string): string => `%FILTER_STATE(envoy.network.proxy_protocol.tlv:FIELD:${key})%`;
  const { path } = await started(
    t,
    (socket) => `static_resources:
  listeners:
  - name: in
    address: { pipe: { path: ${socket} } }
    listener_filters:
    - name: proxy_protocol
      typed_config:
        "@type": type.googleapis.com/envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol
        tlv_location: FILTER_STATE
        rules: [${[tlv('0xe0', 'spiffe'), tlv('0xe2', 'partner'), tlv('0x02', 'authority')].join(', ')}]
    filter_chains:
    - filters:
      - name: http
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: in
          http_filters:
          - name: router
            typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }
          route_config:
            virtual_hosts:
            - name: all
              domains: ["*"]
              routes:
              - match: { prefix: "/" }
                direct_response: { status: 200 }
                response_headers_to_add: [${[
                  shown('x-spiffe', metadata('spiffe')),
                  shown('x-partner', metadata('partner')),
                  shown('x-name', metadata('authority')),
                  shown('x-address', '%DOWNSTREAM_REMOTE_ADDRESS%'),
                ].join(', ')}]
`,
    (file) => [envoy, '-c', file, '--log-level', 'error', '--concurrency', '1', '--disable-hot-restart'],
  );
  const answer = await answerTo(path, header);
  assert.match(answer, /x-spiffe: spiffe:\/\/test\.internal\/web\r\n/);
  assert.match(answer, /x-partner: acme\r\n/);
  assert.match(answer, /x-name: pay\.internal\r\n/);
  assert.match(answer, /x-address: 192\.0\.2\.7:4711\r\n/);
});
