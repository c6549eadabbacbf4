/**
 * Class I. Every function that an endpoint is given, failing in every way: it throws, rejects, answers garbage. What it was asked about is refused with a code,
 * or goes on where it was only told; the process lives, and others are served.
 * Stands for: Node CVE-2026-21637 (a callback for server names that throws ended the process).
 *
 * The bare servers are processes of their own, as they end. On the Node that runs this, a callback of SNI or ALPN that throws ends its connection alone.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { connect as connectTls } from 'node:tls';
import { test, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import type { Refusal } from '../../packages/countersign/src/ground/errors/index.ts';
import { systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { allowAnyPeer, type PeerPolicy } from '../../packages/countersign/src/identity/authorization/index.ts';
import { withoutRevocation } from '../../packages/countersign/src/identity/revocation/index.ts';
import {
  createHttp2Server,
  createServer,
  createTlsServer,
  type Credential,
  fixedSource,
  type MutualTlsServer,
  type PolicyOrSource,
  type ServerOptions,
  type Source,
  Trust,
} from '../../packages/countersign/src/runtime/tls/index.ts';
import { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { attackingServer, clientOptions } from '../bypass/clients.ts';
import { clients, servers, trustIn, type Wanted } from '../bypass/endpoints.ts';
import { exactly, pemOf, presented } from '../bypass/presented.ts';
import { type AttackedServer, knock } from '../bypass/servers.ts';
import { victimId } from '../bypass/victim.ts';

const authority = new TestAuthority();
const web = presented(authority.issue('web'));

/** A source that answers as it should until `fails` is called, and rightly again after `heals`. */
class FailingSource<T> implements Source<T> {
  #answer: () => T;
  readonly #right: T;

  constructor(right: T) {
    this.#right = right;
    this.#answer = () => right;
  }

  current(): T {
    return this.#answer();
  }

  watch(): () => void {
    return () => undefined;
  }

  fails(answer: () => unknown): void {
    this.#answer = answer as () => T;
  }

  heals(): void {
    this.#answer = () => this.#right;
  }
}

/** Garbage is what plain JavaScript may hand over: a promise is never an answer here, whether it is settled or not. */
const failures: Readonly<Record<string, () => unknown>> = {
  throws: () => {
    throw new Error('the source broke');
  },
  'throws what is no error': () => {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- as plain JavaScript may
    throw undefined;
  },
  'answers nothing': () => undefined,
  'answers garbage': () => ({ chain: 'none', all: 7, get: 'no function' }),
  'answers a promise that never settles': () => new Promise(() => undefined),
};

interface Sources {
  readonly policy: FailingSource<PeerPolicy>;
  readonly bundles: FailingSource<ReturnType<TestAuthority['bundles']>>;
  readonly revocations: FailingSource<typeof withoutRevocation>;
  readonly named: FailingSource<Credential>;
}

function sources(): Sources {
  return {
    policy: new FailingSource<PeerPolicy>(allowAnyPeer()),
    bundles: new FailingSource(authority.bundles()),
    revocations: new FailingSource(withoutRevocation),
    named: new FailingSource(authority.issue('orders')),
  };
}

function wantedWith({ policy, bundles, revocations, named }: Sources, version: Wanted['version']): Wanted {
  return {
    authority,
    policy: policy,
    version,
    trust: new Trust({ bundles, revocations, clock: systemClock }),
    credentials: { otherwise: fixedSource(authority.issue('orders')), byServerName: { 'orders.internal': named } },
  };
}

/** Knocks with the server name for which a credential is looked up. */
function knockByName(server: AttackedServer): Promise<string> {
  return new Promise((resolve) => {
    let seen = '';
    const socket = connectTls({
      host: '127.0.0.1',
      port: server.port,
      servername: 'orders.internal',
      rejectUnauthorized: false,
      ...exactly(server.version),
      ...web,
    });
    socket.on('secureConnect', () =>
      socket.write('GET / HTTP/1.1\r\nHost: orders.internal\r\nConnection: close\r\n\r\n'),
    );
    socket.on('data', (bytes: Buffer) => (seen += bytes.toString('latin1')));
    socket.on('error', (error) => (seen += String(error)));
    socket.on('close', () => resolve(seen));
  });
}

test('a source that fails lets nobody in on any server, and whoever comes when it works again', async (t) => {
  const all = servers.flatMap((server) => server.versions.map((version) => ({ server, version })));
  await Promise.all(
    all.map(async ({ server, version }) => {
      const given = sources();
      const { port, refusals } = await server.start(t, wantedWith(given, version));
      const protocol = server.protocols[0] ?? 'bytes';
      const attacked = { ...server, port, refusals, version, protocol, authority, lets: 'all', tells: true } as const;
      for (const [name, source] of Object.entries<FailingSource<unknown>>({ ...given })) {
        for (const [how, failure] of Object.entries(failures)) {
          // The second stage is the same under both versions.
          if (version === 'TLSv1.2' && how !== 'throws') continue;
          const told = `${server.name}, ${version}: ${name} ${how}`;
          refusalsOf(refusals).length = 0;
          source.fails(failure);
          // A peer that it has not seen: what is known already needs less asking.
          const client = presented(authority.issue(`${name}-${how.length}`));
          const { seen, admittedAs } = await knock(attacked, client);
          const byName = await knockByName(attacked);
          if (name === 'named') {
            // The last that TLS took stays in use.
            assert.notDeepEqual(admittedAs, [], `${told}: ${seen}`);
            assert.ok(byName.includes(victimId(authority)), `${told}: ${byName}`);
          } else {
            assert.deepEqual(admittedAs, [], `${told}: ${seen}`);
            assert.ok(refusals.length > 0, told);
            for (const { code } of refusals) assert.match(code, /^CS-(?:PEER|TLS)-\d+$/, told);
          }
          source.heals();
          assert.equal((await knock(attacked, web)).admittedAs[0], victimId(authority), `${told}: healed`);
        }
      }
    }),
  );
});

function refusalsOf(refusals: readonly Refusal[]): Refusal[] {
  return refusals as Refusal[];
}

function thrower(): never {
  throw new Error('a listener broke');
}
function rejecter(): Promise<never> {
  return Promise.reject(new Error('a listener broke later'));
}

test('listeners that throw or reject change nothing, on any server and client', async (t) => {
  t.mock.method(process, 'emitWarning', () => undefined);
  for (const listener of [thrower, rejecter] as const) {
    const listeners = { onAdmitted: listener, onRefusal: listener, onClosed: listener, onWarning: listener } as object;
    for (const server of servers) {
      const { port } = await server.start(t, {
        authority,
        policy: allowAnyPeer(),
        version: 'TLSv1.3',
        more: listeners,
      });
      const protocol = server.protocols[0] ?? 'bytes';
      const attacked = {
        ...server,
        port,
        refusals: [],
        version: 'TLSv1.3',
        protocol,
        authority,
        lets: 'all',
        tells: true,
      } as const;
      assert.deepEqual((await knock(attacked, presented(new TestAuthority().issue('web')))).admittedAs, []);
      assert.equal((await knock(attacked, web)).admittedAs[0], victimId(authority), server.name);
    }
    const right = await attackingServer(t, web, 'TLSv1.3');
    const wrong = await attackingServer(t, presented(new TestAuthority().issue('web')), 'TLSv1.3');
    const wanted = { policy: allowAnyPeer(), options: { ...clientOptions(authority, 'TLSv1.3'), ...listeners } };
    for (const client of clients) {
      assert.equal(await client.call(wrong, wanted), 'CS-PEER-002', client.name);
      assert.equal(await client.call(right, wanted), 'admitted', client.name);
    }
  }
});

test('a source that fails is a refusal to every client, and its server is reached when it works again', async (t) => {
  const right = await attackingServer(t, web, 'TLSv1.3');
  const credentials = new FailingSource(authority.issue('caller'));
  const bundles = new FailingSource(authority.bundles());
  const revocations = new FailingSource(withoutRevocation);
  const failingOnes: Readonly<Record<string, FailingSource<unknown>>> = { credentials, bundles, revocations };
  for (const [name, source] of Object.entries(failingOnes)) {
    for (const [how, failure] of Object.entries(failures)) {
      for (const client of clients) {
        const trust = new Trust({ bundles, revocations, clock: systemClock });
        const wanted = {
          policy: allowAnyPeer(),
          options: { ...clientOptions(authority, 'TLSv1.3'), credentials, trust },
        };
        source.fails(failure);
        const outcome = await client.call(right, wanted);
        assert.match(outcome, /^CS-(?:TLS-007|PEER-006)$/, `${client.name}: ${name} ${how}`);
        source.heals();
        if (how === 'throws')
          assert.equal(await client.call(right, wanted), 'admitted', `${client.name}: ${name} ${how}: healed`);
      }
    }
  }
});

interface Failing {
  readonly what: string;
  make(policy: PolicyOrSource, options: ServerOptions, fail: () => unknown): MutualTlsServer;
}

const failing: readonly Failing[] = [
  { what: 'createServer', make: (policy, options, fail) => createServer(policy, options, onRequest(fail)) },
  { what: 'createHttp2Server', make: (policy, options, fail) => createHttp2Server(policy, options, onRequest(fail)) },
  {
    what: 'createTlsServer',
    make: (policy, options, fail) => {
      let first = true;
      return createTlsServer(policy, options, ({ socket, peer }): unknown => {
        if (first) {
          first = false;
          return fail();
        }
        return socket.once('data', () => socket.end(JSON.stringify({ spiffeId: peer.spiffeId })));
      });
    },
  },
];

/** Fails at the first request. */
function onRequest(fail: () => unknown): () => void {
  let first = true;
  return ((_asked: unknown, response: { end(text: string): void }): unknown => {
    if (first) {
      first = false;
      return fail();
    }
    response.end('{"names":["served"]}');
    return undefined;
  }) as () => void;
}

async function startFailing(t: TestContext, { make }: Failing, fail: () => unknown) {
  const refusals: Refusal[] = [];
  const server = make(
    allowAnyPeer(),
    {
      trust: trustIn(authority),
      credentials: fixedSource(authority.issue('orders')),
      clock: systemClock,
      onRefusal: (refusal) => refusals.push(refusal),
    },
    fail,
  );
  t.after(() => server.close({ graceMs: 0 }));
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  return { port, refusals };
}

const waysToFail: readonly (readonly [how: string, fail: () => unknown])[] = [
  ['throws', thrower],
  ['rejects', rejecter],
];

for (const [how, fail] of waysToFail) {
  test(`a handler that ${how} ends what it served with a code, and nothing else`, async (t) => {
    for (const one of failing) {
      const protocols =
        { createServer: ['http/1.1'], createHttp2Server: ['h2', 'http/1.1'], createTlsServer: ['bytes'] }[one.what] ??
        [];
      for (const protocol of protocols as AttackedServer['protocol'][]) {
        const { port, refusals } = await startFailing(t, one, fail);
        const name = `${one.what}, ${protocol}`;
        const attacked: AttackedServer = {
          name,
          port,
          refusals,
          version: 'TLSv1.3',
          protocol,
          authority,
          lets: 'all',
          tells: true,
        };
        const { seen } = await knock(attacked, web);
        if (protocol !== 'bytes') assert.match(seen, /"CS-TLS-018"/, name);
        assert.doesNotMatch(seen, /a listener broke/, 'the error is for the own log alone');
        assert.equal(refusals.at(-1)?.code, 'CS-TLS-018', name);
        assert.match(refusals.at(-1)?.message ?? '', /a listener broke/);
        assert.notDeepEqual((await knock(attacked, web)).admittedAs, [], `${name}: the next is served`);
      }
    }
  });

  test(`a handler of upgrades that ${how} ends its connection alone`, async (t) => {
    const upgrading: Failing = {
      what: 'upgrades',
      make: (policy, options) =>
        createServer(policy, options, (_asked, response) => response.end('{"names":[]}'), fail),
    };
    const { port, refusals } = await startFailing(t, upgrading, fail);
    const socket = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false, ...web });
    socket.on('error', () => undefined).resume();
    socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n');
    await new Promise((resolve) => socket.once('close', resolve));
    assert.equal(refusals.at(-1)?.code, 'CS-TLS-018');
    const attacked = {
      name: 'upgrades',
      port,
      refusals,
      version: 'TLSv1.3',
      protocol: 'http/1.1',
      authority,
      lets: 'all',
      tells: true,
    } as const;
    assert.notDeepEqual((await knock(attacked, web)).admittedAs, []);
  });

  test(`a bare server ends with its process where a handler ${how}`, async () => {
    const program = `
      import { createServer } from 'node:https';
      import { connect } from 'node:tls';
      const own = ${JSON.stringify({ ...web, ca: pemOf([authority.root.raw]) })};
      const server = createServer(own, ${how === 'throws' ? '' : 'async '}() => { throw new Error('broke'); });
      server.listen(0, '127.0.0.1', () => {
        const { port } = server.address();
        const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
        socket.on('error', () => undefined).write('GET / HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n');
        socket.on('close', () => process.exit(0));
        setTimeout(() => process.exit(0), 5_000);
      });`;
    const run = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
    await assert.rejects(run, { code: 1 });
  });
}
