/** A bank's gateway, run by the real command, and its partners: one enrolled by `countersign join`, the others with certificates made for a test. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { WebSocketServer } from 'ws';
import { encodePem, parsePem } from '../../../packages/countersign/src/ground/encoding/index.ts';
import type { Credential } from '../../../packages/countersign/src/runtime/tls/index.ts';
import { TestAuthority } from '../../../packages/countersign/src/surfaces/testing/index.ts';
import { countersign, type Event, start, startAuthority, temporaryFolder, type Folder } from '../../e2e/command.ts';

/** Whoever has a certificate here, and in which state. */
export const callers = ['acme', 'beta', 'gamma', 'expired', 'stranger'] as const;
export type Caller = (typeof callers)[number];

export interface Bank {
  readonly folder: Folder;
  readonly port: number;
  /** Trust anchors of the gateway's own certificates, PEM. */
  readonly roots: string;
  /** PEM files; those of acme as `countersign join` wrote them. */
  readonly certificate: (caller: Caller) => string;
  readonly key: (caller: Caller) => string;
  /** The first that fits of what the gateway tells from now on. */
  next(fits: (event: Event) => boolean): Promise<Event>;
  close(): Promise<void>;
}

export const joined = 'dev.internal';
const authority = new TestAuthority({ trustDomain: 'bank.internal' });
const stranger = new TestAuthority({ trustDomain: 'bank.internal' });
const hourMs = 3_600_000;

const pem = (certificates: readonly Uint8Array[]): string =>
  certificates.map((der) => encodePem('CERTIFICATE', der)).join('');

const text = (upstream: number): string => `version: 1
listen: { port: 0 }
credentials:
  api: { folder: api }
  both: { folder: both }
trust:
  bank.internal: { anchors: [roots.pem], intermediates: [issuer.pem] }
  ${joined}: { anchors: [acme/roots.pem], intermediates: [acme-issuer.pem] }
partners:
  - { name: acme, trust: ${joined}, who: [{ spiffeId: spiffe://${joined}/partner/acme }] }
  - { name: beta, trust: bank.internal, who: [{ spiffeId: spiffe://bank.internal/beta }] }
  - { name: gamma, state: suspended, trust: bank.internal, who: [{ spiffeId: spiffe://bank.internal/gamma }] }
  - { name: old, trust: bank.internal, who: [{ spiffeId: spiffe://bank.internal/expired }] }
hosts:
  api.test: { certificate: required, credential: api, trust: [bank.internal, ${joined}] }
  www.test: { certificate: none, credential: both }
  portal.test: { certificate: required, credential: both, trust: [bank.internal] }
routes:
  - { name: payments, host: api.test, path: /payments/, allow: [acme, gamma, old], upstream: service }
  - { name: pages, host: www.test, path: /, upstream: service }
  - { name: portal, host: portal.test, path: /, allow: [beta], upstream: service }
upstreams: { service: { targets: ['http://127.0.0.1:${upstream}'] } }
`;

export async function openBank(): Promise<Bank> {
  const folder = await temporaryFolder();
  const service = await openService();
  await enrol(folder);
  const own = (name: string, dns: string[]): Promise<void> =>
    write(folder, name, authority.issue(name, { names: { dns, uri: [] } }));
  await own('api', ['api.test']);
  // One certificate for two hosts, so that a browser may think that one connection is enough for both.
  await own('both', ['www.test', 'portal.test']);
  await write(folder, 'beta', authority.issue('beta'));
  await write(folder, 'gamma', authority.issue('gamma'));
  await write(folder, 'expired', authority.issue('expired', { notBeforeMs: -2 * hourMs, notAfterMs: -hourMs }));
  await write(folder, 'stranger', stranger.issue('beta'));
  await writeFile(folder.in('roots.pem'), pem([authority.root.raw]));
  await writeFile(folder.in('issuer.pem'), pem([authority.issuer.raw]));
  await writeFile(folder.in('gateway.yaml'), text(service.port));
  const child = start(['gateway', folder.in('gateway.yaml')]);
  child.stderr?.pipe(process.stderr);
  const waiting = new Set<(event: Event) => void>();
  createInterface({ input: child.stdout ?? assert.fail() }).on('line', (line) => {
    const event = JSON.parse(line) as Event;
    for (const listener of waiting) listener(event);
  });
  const next: Bank['next'] = (fits) =>
    new Promise((found) => {
      const listener = (event: Event): void => {
        if (!fits(event)) return;
        waiting.delete(listener);
        found(event);
      };
      waiting.add(listener);
    });
  const listening = await next(({ event }) => event === 'listening');
  return {
    folder,
    port: Number(listening['port']),
    roots: folder.in('roots.pem'),
    certificate: (caller) => folder.in(caller, 'cert.pem'),
    key: (caller) => folder.in(caller, 'key.pem'),
    next,
    close: async () => {
      const over = once(child, 'exit');
      child.kill('SIGTERM');
      await over;
      await service.close();
      await folder.remove();
    },
  };
}

/** What stands behind the gateway: says what was asked, and echoes in a WebSocket. */
async function openService(): Promise<{ port: number; close: () => Promise<unknown> }> {
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(`served ${request.url ?? ''}`);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => socket.on('message', (said: Buffer) => socket.send(`heard ${said.toString()}`)));
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      sockets.close();
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

/** acme does what a partner does: `countersign join` with the link and the code that it was sent. */
async function enrol(folder: Folder): Promise<void> {
  const running = await startAuthority(folder.in('state'));
  try {
    const code = folder.in('acme.code');
    const state = ['--dir', folder.in('state'), '--json'];
    const invited = await countersign(['partner', 'invite', 'acme', '--code-out', code, ...state]);
    assert.equal(invited.status, 0, invited.err);
    const link = String(invited.result['link']);
    const done = await countersign(['join', link, '--code-file', code, '--out', folder.in('acme'), '--json']);
    assert.equal(done.status, 0, done.err);
  } finally {
    await running.stop();
  }
  const [, ...issuers] = parsePem(await readFile(folder.in('acme', 'cert.pem'), 'utf8'));
  await writeFile(folder.in('acme-issuer.pem'), pem(issuers.map(({ bytes }) => bytes)));
}

async function write(folder: Folder, name: string, { chain, privateKey }: Credential): Promise<void> {
  await mkdir(folder.in(name));
  await writeFile(join(folder.path, name, 'cert.pem'), pem(chain));
  await writeFile(join(folder.path, name, 'key.pem'), privateKey.toPem(), { mode: 0o600 });
}
