/** A front as `run` has it, or a gateway, before a program that answers every request and keeps the octets that reached it. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import type { TestContext } from 'node:test';
import { systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { encodePem } from '../../packages/countersign/src/ground/encoding/index.ts';
import { spiffeId } from '../../packages/countersign/src/identity/authorization/index.ts';
import { withoutRevocation } from '../../packages/countersign/src/identity/revocation/index.ts';
import { fixedSource, Trust } from '../../packages/countersign/src/runtime/tls/index.ts';
import { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { startGateway } from '../gateway/running-gateway.ts';
import type { OpenGateway } from '../fixtures/gateway/open-gateway.ts';
import { createFront } from '../../packages/countersign/src/traffic/sidecar/index.ts';

export interface RawFront {
  readonly port: number;
  /** All that reached the program, over all connections, in order of arrival. */
  reached(): string;
  /** Requests in it, by how HTTP/1.1 ends them: the header, then the measured or chunked body. */
  requests(): readonly string[];
}

const authority = new TestAuthority();
const { chain, privateKey } = authority.issue('web');

/** Of the caller who is let in. */
export const callersPem: { readonly cert: string; readonly key: string; readonly rejectUnauthorized: false } = {
  cert: chain.map((der) => encodePem('CERTIFICATE', der)).join(''),
  key: privateKey.toPem(),
  rejectUnauthorized: false,
};

interface RawProgram {
  readonly port: number;
  readonly octets: Pick<RawFront, 'reached' | 'requests'>;
}

async function rawProgram(t: TestContext): Promise<RawProgram> {
  const connections: { text: string; answered: number }[] = [];
  const sockets = new Set<Socket>();
  const program = createServer((socket) => {
    const connection = { text: '', answered: 0 };
    connections.push(connection);
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      connection.text += chunk.toString('latin1');
      const whole = requestsIn(connection.text).filter(({ isWhole }) => isWhole).length;
      for (; connection.answered < whole; connection.answered += 1)
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
    });
  }).listen(0, '127.0.0.1');
  await once(program, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    program.close();
  });
  return {
    port: (program.address() as AddressInfo).port,
    octets: {
      reached: () => connections.map(({ text }) => text).join(''),
      requests: () => connections.flatMap(({ text }) => requestsIn(text).map((one) => one.text)),
    },
  };
}

export async function rawFront(t: TestContext): Promise<RawFront> {
  const program = await rawProgram(t);
  const front = createFront(spiffeId(`spiffe://${authority.trustDomain}/web`), {
    trust: new Trust({
      bundles: fixedSource(authority.bundles()),
      revocations: fixedSource(withoutRevocation),
      clock: systemClock,
    }),
    credentials: fixedSource(authority.issue('orders')),
    clock: systemClock,
    own: () => `spiffe://${authority.trustDomain}/orders`,
    upstream: () => ({ host: '127.0.0.1', port: program.port }),
    onRefusal: () => undefined,
    onClosed: () => undefined,
    onUnanswered: () => undefined,
  });
  const { port } = await front.listen({ host: '127.0.0.1', port: 0 });
  t.after(() => front.close({ graceMs: 0 }));
  return { port, ...program.octets };
}

/** The same behind one route of a gateway, whose host is `localhost`. */
export async function rawGateway(t: TestContext): Promise<RawFront & OpenGateway> {
  const program = await rawProgram(t);
  const domain = authority.trustDomain;
  const running = await startGateway(t, {
    authorities: [authority],
    credentials: { main: authority.issue('orders') },
    withoutName: 'localhost',
    rest: [
      `hosts: { localhost: { certificate: required, credential: main, trust: [${domain}] } }`,
      `routes: [{ name: all, host: localhost, path: /, allow: ['spiffe://${domain}/web'], upstream: program }]`,
      `upstreams: { program: { targets: ['http://127.0.0.1:${program.port}'], retries: false } }`,
      '',
    ].join('\n'),
  });
  return { ...running, ...program.octets };
}

interface ReadRequest {
  readonly text: string;
  readonly isWhole: boolean;
}

/** As a strict reader parts them: one that finds more than the front meant to send has been smuggled something. */
function requestsIn(octets: string): readonly ReadRequest[] {
  const found: ReadRequest[] = [];
  let rest = octets;
  while (rest !== '') {
    const end = rest.indexOf('\r\n\r\n');
    if (end === -1) return [...found, { text: rest, isWhole: false }];
    const header = rest.slice(0, end + 4);
    const body = bodyLength(header, rest.slice(end + 4));
    const length = end + 4 + (body ?? 0);
    found.push({ text: rest.slice(0, length), isWhole: body !== undefined && rest.length >= length });
    rest = body === undefined ? '' : rest.slice(length);
  }
  return found;
}

function bodyLength(header: string, after: string): number | undefined {
  if (/^transfer-encoding:/im.test(header)) {
    const end = /^(?:[0-9a-f]+\r\n[^]*?\r\n)*?0\r\n(?:[^\r\n]+\r\n)*\r\n/i.exec(after)?.[0];
    return end?.length;
  }
  return Number(/^content-length: *(\d+)/im.exec(header)?.[1] ?? 0);
}

/** Sends octets over TLS and HTTP/1.1 and returns all that came back until the front closed, or until `enough` came. */
export async function sayRaw(port: number, octets: string, enough?: RegExp): Promise<string> {
  const socket: TLSSocket = connect({ port, host: '127.0.0.1', ...callersPem, ALPNProtocols: ['http/1.1'] });
  socket.on('error', () => undefined);
  let answer = '';
  socket.on('data', (chunk: Buffer) => {
    answer += chunk.toString('latin1');
    if (enough?.test(answer) === true) socket.destroy();
  });
  socket.write(Buffer.from(octets, 'latin1'));
  await new Promise<void>((resolve) => socket.once('close', () => resolve()));
  return answer;
}
