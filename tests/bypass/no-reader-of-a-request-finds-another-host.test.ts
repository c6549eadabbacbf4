/**
 * Class B. Programs find the host of a request in many ways: before the colon, after the "@", by a parser of addresses, the first of a list, in the target
 * before the header. Of hosts and targets made at random, none of those that are served is read as another host by any of them.
 * Stands for: Caddy CVE-2018-21246; Traefik CVE-2022-23632, CVE-2026-48491; Istio CVE-2021-39155; apisix#8967.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createSecureServer, type Http2ServerRequest } from 'node:http2';
import { Agent, createServer as createHttpsServer, request as httpsRequest } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { allowAnyPeer } from '../../packages/countersign/src/identity/authorization/index.ts';
import {
  createHttp2Server,
  createServer,
  type ServerOptions,
} from '../../packages/countersign/src/runtime/tls/index.ts';
import { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { trustIn } from './endpoints.ts';
import { pemOf, presented } from './presented.ts';
import { type Called, credentialsByHost, dialing, other, own, sessionTo } from './routed.ts';

const authority = new TestAuthority();
const client = presented(authority.issue('web'));

/** What a handler has of a request to find the host in. */
interface Heard {
  readonly hosts: readonly string[];
  readonly target: string;
}

function heardBy(asked: IncomingMessage | Http2ServerRequest): Heard {
  const { rawHeaders, url = '' } = asked;
  const hosts = rawHeaders.filter((_, at) => at % 2 === 1 && /^(?::authority|host)$/i.test(rawHeaders[at - 1] ?? ''));
  return { hosts, target: url };
}

const say = (asked: IncomingMessage | Http2ServerRequest, response: { end(text: string): unknown }): void =>
  void response.end(JSON.stringify(heardBy(asked)));

/** Each names the host, as some program does. */
const readers: Readonly<Record<string, (host: string, target: string) => string>> = {
  'as it is': (host) => host,
  'before the first colon': (host) => host.split(':')[0] ?? '',
  'before the last colon': (host) => host.slice(0, host.includes(':') ? host.lastIndexOf(':') : undefined),
  'after the "@"': (host) => (host.split('@').at(-1) ?? '').split(':')[0] ?? '',
  'the first of a list': (host) => host.split(',')[0] ?? '',
  'the last of a list': (host) => host.split(',').at(-1) ?? '',
  'before what is no name': (host) => /^[\w.-]*/.exec(host.trim())?.[0] ?? '',
  'by a parser of addresses': (host) => nameIn(`https://${host}/`),
  // A path with two slashes in front is a path all the same (RFC 3986, 3.3 and 5.3): it is not resolved against an address here.
  'in host and target': (host, target) => nameIn(/^[a-z]+:\/\//i.test(target) ? target : `https://${host}${target}`),
};

function nameIn(address: string): string {
  return URL.canParse(address) ? new URL(address).hostname : '';
}

function whoReads({ hosts, target }: Heard): string[] {
  const isOther = (name: string): boolean => name.trim().toLowerCase().replace(/\.$/, '') === other;
  return Object.keys(readers).filter((reader) => hosts.some((host) => isOther(readers[reader]?.(host, target) ?? '')));
}

/** The same on each run: what is found once is found again. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

const pieces = [
  own,
  other,
  'ADMIN.TEST',
  '@',
  ':',
  '443',
  '.',
  '/',
  '\\',
  '?',
  '#',
  ',',
  '%40',
  '[',
  ']',
  ';',
  '*',
  'x',
];

function hosts(count: number): string[] {
  const roll = dice(count);
  const piece = (): string => pieces[roll(pieces.length)] ?? '';
  const mixed = Array.from({ length: count }, () => Array.from({ length: 1 + roll(5) }, piece).join(''));
  // Most of what is random is refused at once: half of it has the own name in front, or behind.
  return mixed.map((host, at) => (at % 4 === 0 ? own + host : at % 4 === 1 ? host + own : host));
}

const targets = [
  '/',
  '/x',
  '*',
  '//x',
  `https://${own}/`,
  `https://${other}/`,
  `*@${other}/`,
  `*.${other}`,
  `/@${other}/`,
];

interface Question {
  readonly host: string;
  readonly target: string;
}

const questions: readonly Question[] = [
  ...hosts(160).map((host) => ({ host, target: '/' })),
  ...targets.map((target) => ({ host: own, target })),
  ...targets.flatMap((target) => hosts(5).map((host) => ({ host, target: target.replace(other, `${host}@${other}`) }))),
];

/** In HTTP/1.1; `undefined` where it was not served. */
function askHttp1(called: Called, agent: Agent, { host, target }: Question): Promise<Heard | undefined> {
  return new Promise((resolve) => {
    let asked;
    try {
      asked = httpsRequest({ ...dialing(called), agent, path: target, headers: { host }, setHost: false } as object);
    } catch {
      // What Node's own client does not send is sent byte by byte elsewhere.
      resolve(undefined);
      return;
    }
    asked.on('error', () => resolve(undefined));
    asked.on('response', (answer) => {
      let text = '';
      answer.on('data', (bytes: Buffer) => (text += bytes.toString()));
      answer.on('end', () => resolve(answer.statusCode === 200 ? (JSON.parse(text) as Heard) : undefined));
    });
    asked.end();
  });
}

async function servedOverHttp1(t: TestContext, called: Called): Promise<Heard[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  t.after(() => agent.destroy());
  const served = await Promise.all(questions.map((question) => askHttp1(called, agent, question)));
  return served.flatMap((one) => one ?? []);
}

/** The same as `:authority`, and as a header beside the own one; under two schemes, since of one that is unknown nobody looks at the path. */
async function servedOverHttp2(t: TestContext, called: Called): Promise<Heard[]> {
  const heard: Heard[] = [];
  let session = await sessionTo(t, called);
  for (const { host, target } of questions) {
    for (const fields of [{ ':authority': host }, { ':authority': own, host }]) {
      if (session.closed || session.destroyed) session = await sessionTo(t, called);
      const stream = session.request({ ...fields, ':path': target, ':scheme': target.startsWith('/') ? 'https' : 'x' });
      let [status, text] = [0, ''];
      stream.on('response', (answer) => (status = answer[':status'] ?? 0));
      stream.on('data', (bytes: Buffer) => (text += bytes.toString()));
      stream.on('error', () => undefined);
      await new Promise((resolve) => stream.once('close', resolve));
      if (status === 200) heard.push(JSON.parse(text) as Heard);
    }
  }
  return heard;
}

function options(): ServerOptions {
  const onRefusal = (): void => undefined;
  return { trust: trustIn(authority), credentials: credentialsByHost(authority), clock: systemClock, onRefusal };
}

function calledAt(port: number): Called {
  return { port, version: 'TLSv1.3', client, servername: own };
}

test('a bare server serves what is read as another host, by every one of them', async (t) => {
  const settings = { ...presented(authority.issue('orders')), ca: pemOf([authority.root.raw]), requestCert: true };
  const servers = [createHttpsServer(settings, say), createSecureServer(settings, say)];
  const found = new Set<string>();
  for (const [at, server] of servers.entries()) {
    server.listen(0, '127.0.0.1');
    t.after(() => server.close());
    await once(server, 'listening');
    const called = calledAt((server.address() as AddressInfo).port);
    const heard = at === 0 ? await servedOverHttp1(t, called) : await servedOverHttp2(t, called);
    for (const reader of heard.flatMap(whoReads)) found.add(reader);
  }
  assert.deepEqual([...found].toSorted(), Object.keys(readers).toSorted());
});

test('ours serve nothing that is', async (t) => {
  const [http1, http2] = [
    createServer(allowAnyPeer(), options(), (asked, response: ServerResponse) => say(asked, response)),
    createHttp2Server(allowAnyPeer(), options(), (asked, response) => say(asked, response)),
  ];
  for (const server of [http1, http2]) t.after(() => server.close({ graceMs: 0 }));
  const where = { host: '127.0.0.1', port: 0 };
  const called = [calledAt((await http1.listen(where)).port), calledAt((await http2.listen(where)).port)] as const;
  for (const heard of [await servedOverHttp1(t, called[0]), await servedOverHttp2(t, called[1])]) {
    assert.ok(heard.length > 5, 'some were served');
    const read = heard.filter((one) => whoReads(one).length > 0);
    assert.deepEqual(read, []);
  }
});
