/** Answers on one connection, one after the other: each is read as it came, whatever came before it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { systemClock } from '../../ground/clock/index.ts';
import { http1Program } from './http1-program.ts';
import type { Answer, Program } from './program.ts';

/** Each question is answered with the next of `answers`, piece by piece. */
async function programThat(t: TestContext, answers: readonly (readonly string[])[]): Promise<() => Promise<string>> {
  let next = 0;
  let connections = 0;
  const say = async (socket: Socket): Promise<void> => {
    for (const piece of answers[next++] ?? []) {
      socket.write(piece, 'latin1');
      // Out before the next piece, which then comes in a read of its own.
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const server = createServer({ noDelay: true }, (socket) => {
    connections += 1;
    socket.on('data', () => void say(socket)).on('error', () => undefined);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const program = http1Program({ clock: systemClock });
  t.after(() => program.retire());
  return async () => {
    const said = await ask(program, port);
    assert.equal(connections, 1);
    return said;
  };
}

function ask(program: Program, port: number): Promise<string> {
  const connection = { once: () => undefined };
  const upstream = { host: '127.0.0.1', port };
  const asking = program.ask({
    upstream,
    method: 'GET',
    target: '/',
    headers: [['host', 'h']],
    hasBody: false,
    connection,
  });
  return new Promise((resolve, reject) =>
    asking.on({ onAnswer: (answer) => void read(answer).then(resolve), onFailure: reject }),
  );
}

async function read({ status, headers, body }: Answer): Promise<string> {
  const pieces: Uint8Array[] = body instanceof Uint8Array ? [body] : [];
  if (!(body instanceof Uint8Array)) for await (const piece of body) pieces.push(piece as Uint8Array);
  return `${status} ${headers.map((pair) => pair.join('=')).join('&')} ${Buffer.concat(pieces).toString()}`;
}

const head = (status: number, length: number, etag = 'a'): string =>
  `HTTP/1.1 ${status} Word\r\nETag: ${etag}\r\nContent-Length: ${length}\r\n\r\n`;

test('the same header again is the same, with another body', async (t) => {
  const next = await programThat(t, [
    [`${head(200, 2)}ab`],
    [`${head(200, 2)}cd`],
    [head(200, 2), 'ef'],
    [`${head(200, 2)}gh`],
  ]);
  for (const body of ['ab', 'cd', 'ef', 'gh']) assert.equal(await next(), `200 ETag=a&Content-Length=2 ${body}`);
});

test('a header that differs in one octet, or comes in pieces, is its own', async (t) => {
  const split = head(404, 1, 'b');
  const next = await programThat(t, [
    [`${head(200, 2)}ab`],
    [`${head(200, 2, 'b')}cd`],
    [split.slice(0, 20), split.slice(20, -1), `${split.slice(-1)}e`],
    [head(200, 2).slice(0, -1), '\ngh'],
    [`HTTP/1.1 103 Early\r\n\r\n${head(200, 2)}ij`],
  ]);
  assert.equal(await next(), '200 ETag=a&Content-Length=2 ab');
  assert.equal(await next(), '200 ETag=b&Content-Length=2 cd');
  assert.equal(await next(), '404 ETag=b&Content-Length=1 e');
  assert.equal(await next(), '200 ETag=a&Content-Length=2 gh');
  assert.equal(await next(), '200 ETag=a&Content-Length=2 ij');
});
