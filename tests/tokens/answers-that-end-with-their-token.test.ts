/** Answers that last: cut off with the token that let them in where the route says so, and nowhere else. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type ClientHttp2Stream, connect as connectHttp2, constants } from 'node:http2';
import { request as httpsRequest } from 'node:https';
import { text } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { manualClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { checkText } from '../../packages/countersign/src/traffic/gateway/index.ts';
import { listeningOn } from '../fixtures/gateway/listening-on.ts';
import { openGateway, type OpenGateway } from '../fixtures/gateway/open-gateway.ts';
import { presented } from '../fixtures/presented.ts';
import { audience, certified, issuer, loaded, tokenOf, written } from './token-gateway.ts';

const tokens = `{ bank: { issuer: '${issuer}', audience: '${audience}', jwks: keys.json } }`;
const acme = certified('acme');

interface Scene extends OpenGateway {
  readonly clock: ReturnType<typeof manualClock>;
  /** A token of so many seconds. */
  token(seconds: number): Promise<string>;
  /** Resolves with the paths whose callers were gone for the service. */
  gone(count: number): Promise<readonly string[]>;
  /** Resolves once that path has reached the service. */
  reached(path: string): Promise<ServerResponse>;
}

/** Before a service that begins an answer and does not end it; at `/silent` it does not even begin. */
async function scene(t: TestContext, token: string): Promise<Scene> {
  const clock = manualClock(Date.now());
  const [asked, gone] = [new Map<string, ServerResponse>(), new Array<string>()];
  let moved = Promise.withResolvers<undefined>();
  const move = (): void => {
    moved.resolve(undefined);
    moved = Promise.withResolvers();
  };
  const service = createServer((request, response) => {
    const { url = '' } = request;
    request.resume();
    asked.set(url, response);
    response.once('close', () => {
      if (!response.writableFinished) gone.push(url);
      move();
    });
    if (url !== '/silent') response.write('data: first\n\n');
    move();
  });
  const configuration = await loaded(written(await listeningOn(t, service), { tokens, token }));
  const open = await openGateway(t, configuration, { clock });
  const bound = { bound: acme, now: clock.now() };
  return {
    ...{ ...open, clock },
    token: (seconds) => tokenOf({ ...bound, claims: { exp: Math.floor(clock.now() / 1000) + seconds } }),
    gone: async (count) => {
      while (gone.length < count) await moved.promise;
      return gone;
    },
    reached: async (path) => {
      for (;;) {
        const response = asked.get(path);
        if (response !== undefined) return response;
        await moved.promise;
      }
    },
  };
}

function asking({ port }: Scene, path: string, token: string, method = 'GET'): ReturnType<typeof httpsRequest> {
  const headers = { host: 'api.test', authorization: `Bearer ${token}` };
  const request = httpsRequest({
    ...{ host: '127.0.0.1', port, path, method, servername: 'api.test', headers, agent: false },
    ...{ rejectUnauthorized: false, ...presented(acme) },
  });
  return request.on('error', () => undefined);
}

/** Its answer has begun; `closed` resolves with whether it looked whole. */
async function begun(
  asked: ReturnType<typeof httpsRequest>,
): Promise<{ readonly answer: IncomingMessage; readonly closed: Promise<boolean> }> {
  const [answer] = (await once(asked.end(), 'response')) as [IncomingMessage];
  const closed = new Promise<boolean>((resolve) =>
    answer.on('error', () => undefined).once('close', () => resolve(answer.complete)),
  );
  await once(answer, 'data');
  return { answer, closed };
}

/** Nothing is sent and comes any more once it was cut off. */
async function goesOn(at: Scene, path: string, { answer }: { readonly answer: IncomingMessage }): Promise<void> {
  const next = once(answer, 'data');
  (await at.reached(path)).write('data: next\n\n');
  await next;
}

test('over HTTP/1.1 an answer is cut off, with its code; those of longer tokens go on, and the service hears of it', async (t) => {
  const at = await scene(t, '{ source: bank, endsAnswers: true }');
  const [brief, long] = [await at.token(60), await at.token(3_600)];
  const ending = await begun(asking(at, '/brief', brief));
  const lasting = await begun(asking(at, '/long', long));
  at.clock.advance(59_000);
  await goesOn(at, '/brief', ending);
  at.clock.advance(1_000);
  assert.equal(await ending.closed, false, 'it does not look whole');
  assert.deepEqual(await at.gone(1), ['/brief']);
  const { status, code, decision } = await at.told(({ path }) => path === '/brief');
  assert.deepEqual([status, code, decision], [200, 'CS-BEARER-011', 'allowed']);
  await goesOn(at, '/long', lasting);
  assert.equal(at.gateway.underWay, 1);
  at.clock.advance(3_600_000 - 60_000);
  assert.equal(await lasting.closed, false);
});

test('over HTTP/2 its stream alone is reset, uploads too, and what is not answered by then is refused', async (t) => {
  const at = await scene(t, '{ source: bank, endsAnswers: true }');
  const [brief, long] = [await at.token(60), await at.token(3_600)];
  const session = connectHttp2(`https://127.0.0.1:${String(at.port)}`, {
    ...{ servername: 'api.test', rejectUnauthorized: false, ...presented(acme) },
  });
  t.after(() => session.destroy());
  const stream = (path: string, token: string, method = 'GET'): ClientHttp2Stream => {
    const headers = { ':path': path, ':authority': 'api.test', ':method': method, authorization: `Bearer ${token}` };
    return session.request(headers, { endStream: method === 'GET' }).on('error', () => undefined);
  };
  const [ending, upload, lasting] = [stream('/brief', brief), stream('/up', brief, 'POST'), stream('/long', long)];
  upload.write('more will come');
  for (const one of [ending, upload, lasting]) await once(one, 'data');
  const silent = stream('/silent', brief);
  await at.reached('/silent');
  const closed = [ending, upload].map((one) => new Promise((resolve) => one.once('close', resolve)));
  at.clock.advance(60_000);
  const [answered] = (await once(silent, 'response')) as [Record<string, unknown>];
  assert.equal(answered[':status'], 401);
  assert.match(String(answered['www-authenticate']), /invalid_token/);
  await Promise.all(closed);
  assert.deepEqual(
    [ending, upload].map(({ rstCode }) => rstCode),
    [constants.NGHTTP2_INTERNAL_ERROR, constants.NGHTTP2_INTERNAL_ERROR],
  );
  for (const one of ['/brief', '/up', '/silent'])
    assert.equal((await at.told(({ path }) => path === one)).code, 'CS-BEARER-011');
  assert.deepEqual([session.closed, lasting.closed, at.gateway.underWay], [false, false, 1]);
});

test('an upgrade that its service has not answered by then is refused, and told how to ask', async (t) => {
  const at = await scene(t, '{ source: bank }');
  const socket = connectTls({
    ...{ host: '127.0.0.1', port: at.port, servername: 'api.test', rejectUnauthorized: false },
    ...presented(acme),
  }).on('error', () => undefined);
  const upgrade = `connection: upgrade\r\nupgrade: websocket\r\nauthorization: Bearer ${await at.token(60)}`;
  socket.write(`GET /silent HTTP/1.1\r\nhost: api.test\r\n${upgrade}\r\n\r\n`);
  await at.reached('/silent');
  at.clock.advance(60_000);
  assert.match(
    await text(socket),
    /^HTTP\/1\.1 401 [^]*\r\nwww-authenticate: Bearer [^]*invalid_token[^]*CS-BEARER-011/i,
  );
});

test('without the setting, and where the token is only observed, an answer outlives its token', async (t) => {
  for (const token of ['{ source: bank }', '{ source: bank, observe: true }']) {
    const at = await scene(t, token);
    const lasting = await begun(asking(at, '/long', await at.token(60)));
    at.clock.advance(120_000);
    (await at.reached('/long')).end('data: last\n\n');
    assert.equal(await lasting.closed, true);
    assert.equal((await at.told(({ path }) => path === '/long')).code, undefined);
  }
});

test('with observe it is refused where it is written', async () => {
  const checked = await checkText(written(1, { tokens, token: '{ source: bank, observe: true, endsAnswers: true }' }));
  assert.ok('problems' in checked);
  assert.deepEqual(
    checked.problems.map(({ code, evidence }) => [code, evidence['setting'], typeof evidence['line']]),
    [
      ['CS-GATEWAY-003', 'routes[0].token.endsAnswers', 'number'],
      ['CS-GATEWAY-003', 'routes[1].token.endsAnswers', 'number'],
    ],
  );
});
