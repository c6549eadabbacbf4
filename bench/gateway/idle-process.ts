/** A gateway in a process of its own, or Node's own server, whose memory is looked at while very many connections rest after their first request. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createSecureServer } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { systemClock } from 'countersign/clock';
import { encodePem } from 'countersign/encoding';
import { Gateway, loadConfiguration } from 'countersign/gateway';
import { twoSides, type TwoSides } from '../frame/two-sides.ts';
import { pemOf } from '../live/clients.ts';
import { heldOctets } from '../live/held-octets.ts';
import { bareOptions } from '../servers/bare-options.ts';
import { writeConfiguration } from './configuration.ts';

export type Kind = 'countersign' | 'countersign, HTTP/2' | 'node:tls' | 'node:https' | 'node:http2';

/** What it tells when it is ready; afterwards, whenever it is asked, how many octets of memory it holds. */
export interface Ready {
  readonly port: number;
  readonly ca: string;
  readonly credentials: readonly { readonly cert: string; readonly key: string }[];
}

/** Each of so many partners' systems has as many of the connections. */
const systems = 100;

const host = '127.0.0.1';
const text = 'rests';
const ignore = (): void => undefined;

if (process.send !== undefined) {
  process.once('disconnect', () => process.exit());
  process.on('message', () => process.send?.(heldOctets()));
  process.send(await start(process.argv[2] as Kind));
}

async function start(kind: Kind): Promise<Ready> {
  const sides = await twoSides();
  const clients = await Promise.all(Array.from({ length: systems }, () => sides.anotherClient()));
  const folder = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
  try {
    writeFiles(folder, sides);
    const isOurs = kind === 'countersign' || kind === 'countersign, HTTP/2';
    const port = await (isOurs ? startGateway(folder) : startBare(kind, folder));
    // Those above the clients' own are sent by them.
    return { port, ca: encodePem('CERTIFICATE', sides.root), credentials: clients.map(pemOf) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function writeFiles(folder: string, { server, root }: TwoSides): void {
  const { cert, key } = pemOf(server);
  writeFileSync(join(folder, 'cert.pem'), cert);
  writeFileSync(join(folder, 'key.pem'), key, { mode: 0o600 });
  writeFileSync(join(folder, 'root.pem'), encodePem('CERTIFICATE', root));
}

async function startGateway(folder: string): Promise<number> {
  const upstream = createHttpServer((_request, response) => response.end(text)).listen(0, host);
  await new Promise((resolve) => upstream.once('listening', resolve));
  const upstreamPort = (upstream.address() as AddressInfo).port;
  const loaded = await loadConfiguration(writeConfiguration({ folder, port: 0, upstreamPort, partners: 1, routes: 1 }));
  if ('problems' in loaded) throw new Error(loaded.problems.join('\n'));
  const gateway = new Gateway(loaded, { clock: systemClock, onAccess: ignore, onRefusal: ignore, onClosed: ignore });
  return (await gateway.listen()).port;
}

async function startBare(kind: Exclude<Kind, `countersign${string}`>, folder: string): Promise<number> {
  const options = bareOptions(folder);
  const server = {
    'node:tls': () =>
      createTlsServer({ ...options, ALPNProtocols: ['http/1.1'] }, (socket) => {
        socket.on('error', ignore).on('data', () => socket.write(text));
      }),
    'node:https': () =>
      createHttpsServer({ ...options, keepAliveTimeout: 600_000 }, (_request, response) => response.end(text)),
    'node:http2': () => createSecureServer(options).on('stream', (stream) => (stream.respond(), stream.end(text))),
  }[kind]();
  server.listen(0, host);
  await new Promise((resolve) => server.once('listening', resolve));
  return (server.address() as AddressInfo).port;
}
