/** A gateway from a file, as the command runs it, before a service that answers or streams: for attacks by callers whose certificates should not count. */
import { once } from 'node:events';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Clock, systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import type { Refusal } from '../../packages/countersign/src/ground/errors/index.ts';
import type { Certificate } from '../../packages/countersign/src/identity/x509/index.ts';
import type { PrivateKey } from '../../packages/countersign/src/runtime/cryptography/index.ts';
import { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { ConfigurationFollower } from '../../packages/countersign/src/traffic/gateway/index.ts';
import { configurationAt } from '../fixtures/gateway/configurations.ts';
import { listeningOn } from '../fixtures/gateway/listening-on.ts';
import { openGateway, type OpenGateway } from '../fixtures/gateway/open-gateway.ts';
import { pemOfAll } from '../fixtures/presented.ts';

/** What a caller shows. */
export interface Shown {
  readonly chain: readonly Uint8Array[];
  readonly key: PrivateKey;
}

export interface TrustingGateway extends OpenGateway {
  readonly folder: string;
  /** Why the latest configuration was not taken; empty where it was. */
  reload(settings: GatewaySettings): Promise<readonly Refusal[]>;
}

/** Parts of the file; what it names is written into the folder first. */
export interface GatewaySettings {
  /** By file name; PEM where they are certificates. */
  readonly files: Readonly<Record<string, readonly Certificate[] | Uint8Array>>;
  /** YAML, of a flow mapping. */
  readonly trust: string;
  readonly partners: readonly string[];
  readonly hostTrust: readonly string[];
  /** The rest of the host, and of each route but the one at `/plain/`. */
  readonly hostMore?: string;
  readonly routeMore?: string;
}

const own = new TestAuthority({ trustDomain: 'gateway.internal' });

/** @param shown what the gateway shows; default a certificate that nobody here verifies */
export async function startGateway(
  t: TestContext,
  settings: GatewaySettings,
  shown?: Shown,
  revocationWaitMs: number = 9_000,
  clock: Clock = systemClock,
): Promise<TrustingGateway> {
  const folder = await mkdtemp(join(tmpdir(), 'gateway-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const { chain, privateKey } = own.issue('gateway');
  await writeFile(join(folder, 'cert.pem'), pemOfAll(shown?.chain ?? chain));
  await writeFile(join(folder, 'key.pem'), (shown?.key ?? privateKey).toPem(), { mode: 0o600 });
  const upstreamPort = await startUpstream(t);
  const path = join(folder, 'gateway.yaml');
  await write(folder, settings, upstreamPort);
  const open = await openGateway(t, await configurationAt(path), { revocationWaitMs, clock });
  let problems: readonly Refusal[] = [];
  const follower = new ConfigurationFollower({
    ...{ gateway: open.gateway, path, everyMs: 600_000, onApplied: () => undefined },
    onRefused: (_, found) => (problems = found),
  });
  t.after(() => follower.close());
  const reload: TrustingGateway['reload'] = async (next) => {
    problems = [];
    await write(folder, next, upstreamPort);
    await follower.reload();
    return problems;
  };
  return { ...open, folder, reload };
}

async function write(folder: string, settings: GatewaySettings, upstreamPort: number): Promise<void> {
  for (const [name, content] of Object.entries(settings.files)) await exchange(join(folder, name), content);
  const names = settings.partners.map((partner) => /name: ([a-z]+)/.exec(partner)?.[1]);
  const text = `version: 1
listen: { port: 0 }
credentials: { main: { folder: . } }
trust: ${settings.trust}
partners:
${settings.partners.map((partner) => `  - { ${partner} }`).join('\n')}
hosts: { api.test: { certificate: required, credential: main, trust: [${settings.hostTrust.join(', ')}]${settings.hostMore ?? ''} } }
routes:
${names.map((name) => `  - { name: to-${name}, host: api.test, path: /${name}/, allow: [${name}], upstream: plain${settings.routeMore ?? ''} }`).join('\n')}
  - { name: plain, host: api.test, path: /plain/, allow: [${names.join(', ')}], upstream: plain }
upstreams: { plain: { targets: ['http://127.0.0.1:${upstreamPort}'] } }
`;
  await writeFile(join(folder, 'gateway.yaml'), text);
}

/** Whole at every moment. */
export async function exchange(path: string, content: readonly Certificate[] | Uint8Array): Promise<void> {
  const octets = content instanceof Uint8Array ? content : pemOfAll(content.map(({ raw }) => raw));
  await writeFile(`${path}.new`, octets);
  await rename(`${path}.new`, path);
}

async function startUpstream(t: TestContext): Promise<number> {
  const upstream = createServer((request, response) => {
    if (request.url?.endsWith('/stream') === true) response.write('first');
    else if (request.url?.endsWith('/identity') === true)
      response.end(String(request.headers['x-forwarded-client-cert']));
    else response.end('served');
  });
  upstream.on('upgrade', (_request, socket) => {
    socket.on('error', () => undefined);
    socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\nfirst');
  });
  return listeningOn(t, upstream);
}

async function opened(
  port: number,
  path: string,
  { chain, key }: Shown,
  sent: Readonly<Record<string, string>> = {},
): Promise<IncomingMessage> {
  const asking = httpsRequest({
    ...{ host: '127.0.0.1', port, path, servername: 'api.test', headers: { host: 'api.test', ...sent }, agent: false },
    ...{ rejectUnauthorized: false, cert: pemOfAll(chain), key: key.toPem() },
  });
  asking.end();
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  return answer;
}

/** "served", or the code of the refusal. */
export async function called(
  port: number,
  path: string,
  as: Shown,
  sent: Readonly<Record<string, string>> = {},
): Promise<string> {
  const answer = await opened(port, path, as, sent);
  let text = '';
  for await (const piece of answer.setEncoding('utf8')) text += String(piece);
  return /CS-[A-Z]+-\d+/.exec(text)?.[0] ?? text;
}

/** An answer under way; `ended` resolves when its connection is gone. */
export async function streaming(
  port: number,
  path: string,
  as: Shown,
  sent: Readonly<Record<string, string>> = {},
): Promise<{ readonly ended: Promise<boolean> }> {
  const answer = await opened(port, path, as, sent);
  const ended = new Promise<boolean>((resolve) => {
    answer.on('error', () => undefined).once('close', () => resolve(answer.complete));
  });
  await once(answer, 'data');
  return { ended };
}

/** The same as a stream of HTTP/2. */
export async function streamingOverHttp2(
  port: number,
  path: string,
  { chain, key }: Shown,
): Promise<{ readonly ended: Promise<void> }> {
  const session = connectHttp2(`https://127.0.0.1:${port}`, {
    ...{ servername: 'api.test', rejectUnauthorized: false, cert: pemOfAll(chain), key: key.toPem() },
  });
  session.on('error', () => undefined);
  const stream = session.request({ ':path': path, ':authority': 'api.test' });
  const ended = new Promise<void>((resolve) => session.once('close', () => resolve()));
  stream.on('error', () => undefined);
  await once(stream, 'data');
  return { ended };
}

/** The same as a connection that was turned into something else. */
export async function upgraded(
  port: number,
  path: string,
  { chain, key }: Shown,
  sent: Readonly<Record<string, string>> = {},
): Promise<{ readonly ended: Promise<void> }> {
  const asking = httpsRequest({
    ...{ host: '127.0.0.1', port, path, servername: 'api.test', agent: false, rejectUnauthorized: false },
    ...{ headers: { host: 'api.test', connection: 'upgrade', upgrade: 'websocket', ...sent } },
    ...{ cert: pemOfAll(chain), key: key.toPem() },
  }).end();
  const [, socket] = (await once(asking, 'upgrade')) as [IncomingMessage, Socket];
  const ended = new Promise<void>((resolve) => socket.on('error', () => undefined).once('close', () => resolve()));
  socket.resume();
  return { ended };
}
