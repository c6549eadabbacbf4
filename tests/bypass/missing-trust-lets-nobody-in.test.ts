/**
 * Class C. What an endpoint would trust, or is, is not there when it starts: no bundle, an empty or corrupt one, a PEM without a certificate, no policy, no
 * key, revocations that were never known. It does not start, or lets nobody in; it never falls back to the authorities that the system or Node trusts, nor
 * to presenting nothing.
 * Stands for: Caddy CVE-2026-27586; nginx CVE-2026-28755; Tomcat CVE-2026-29145; nebula-mesh CVE-2026-61699; haproxy#248; stunnel CVE-2021-20230;
 * harper#2380.
 */
import assert from 'node:assert/strict';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { setDefaultCACertificates } from 'node:tls';
import { Agent, request } from 'undici';
import { systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { isRefusal } from '../../packages/countersign/src/ground/errors/index.ts';
import { allowAnyPeer, type PeerPolicy } from '../../packages/countersign/src/identity/authorization/index.ts';
import {
  RevocationState,
  type RevocationView,
  withoutRevocation,
} from '../../packages/countersign/src/identity/revocation/index.ts';
import { BundleSet } from '../../packages/countersign/src/identity/spiffe/index.ts';
import { readCertificatesPem } from '../../packages/countersign/src/identity/x509/index.ts';
import {
  type CredentialSource,
  fixedSource,
  type MutualClientOptions,
  type Source,
  Trust,
} from '../../packages/countersign/src/runtime/tls/index.ts';
import { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { attackingServer } from './clients.ts';
import { allOf, clients, servers, type Wanted } from './endpoints.ts';
import { garbage, outOfOrder } from './moody-source.ts';
import { pemOf, presented } from './presented.ts';
import { type AttackedServer, knock } from './servers.ts';
import { shareAt } from './share.ts';

const authority = new TestAuthority();

/** One that everybody's system trusts, of the same trust domain by its own word. */
const publicAuthority = new TestAuthority();
setDefaultCACertificates([pemOf([publicAuthority.root.raw])]);

const versions = ['TLSv1.3', 'TLSv1.2'] as const;
type Version = (typeof versions)[number];

/** What an endpoint has, all in order; and what is missing of it, made when it starts. */
interface Had {
  readonly policy: PeerPolicy;
  readonly credentials: CredentialSource;
  readonly bundles: Source<BundleSet>;
  readonly revocations: Source<RevocationView>;
}

type Missing = (version: Version) => Partial<Record<keyof Had, unknown>>;

const whole = (): Had => ({
  policy: allowAnyPeer(),
  credentials: fixedSource(authority.issue('orders')),
  bundles: fixedSource(authority.bundles()),
  revocations: fixedSource(withoutRevocation),
});

const pem = pemOf([authority.root.raw]);

/** Files of trust, as they are found. */
const files: Readonly<Record<string, string>> = {
  'an empty file': '',
  'a file of blanks': '\n \n',
  'a PEM without a certificate': authority.issue('x').privateKey.toPem(),
  'an empty certificate': '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n',
  'a corrupt certificate': pem.replace(/\n[^-\n]{20}/, '\nAAAAAAAAAAAAAAAAAAAA'),
  'half a file': pem.slice(0, pem.length / 2),
  'no PEM': 'not found',
};

function bundlesOf(text: string): Source<BundleSet> {
  const anchors = readCertificatesPem(text);
  const { trustDomain } = authority;
  return fixedSource(new BundleSet(trustDomain, [{ trustDomain, anchors, intermediates: [], sequence: 1 }]));
}

const throwing = { current: outOfOrder, watch: () => () => undefined };

function brokenSources(of: keyof Had): [string, Missing][] {
  const sources = Object.entries(garbage).map(([what, value]): [string, Missing] => [
    `${of}: a source of ${what}`,
    () => ({ [of]: fixedSource(value) }),
  ]);
  return [
    ...sources,
    [`${of}: a source that throws`, () => ({ [of]: throwing })],
    [`${of}: none`, () => ({ [of]: undefined })],
  ];
}

const missing = new Map<string, Missing>([
  ...Object.entries(files).map(([what, text]): [string, Missing] => [
    `bundles: ${what}`,
    () => ({ bundles: bundlesOf(text) }),
  ]),
  ...(['bundles', 'revocations', 'policy', 'credentials'] as const).flatMap(brokenSources),
  ['bundles: an empty set', () => ({ bundles: fixedSource(new BundleSet('test.internal', [])) })],
  [
    'bundles: of another domain',
    () => ({ bundles: fixedSource(new TestAuthority({ trustDomain: 'b.test' }).bundles()) }),
  ],
  ['revocations: never known', () => ({ revocations: fixedSource<RevocationView>(RevocationState.unknown) })],
  [
    'revocations: out of date',
    () => ({ revocations: fixedSource({ ...withoutRevocation, freshUntil: Date.now() - 1 }) }),
  ],
  ['credentials: without a key', () => ({ credentials: fixedSource({ chain: authority.issue('orders').chain }) })],
  [
    'credentials: without a certificate',
    () => ({ credentials: fixedSource({ ...authority.issue('orders'), chain: [] }) }),
  ],
  [
    "credentials: another's key",
    () => ({ credentials: fixedSource({ ...authority.issue('orders'), privateKey: authority.issue('x').privateKey }) }),
  ],
]);

function optionsWith(had: Had, minVersion: Version): MutualClientOptions {
  const { bundles, revocations, credentials } = had;
  return {
    trust: new Trust({ bundles, revocations, clock: systemClock }),
    credentials,
    clock: systemClock,
    minVersion,
  };
}

async function bare(t: TestContext, ca: string | undefined): Promise<AttackedServer> {
  const identity = presented(publicAuthority.issue('orders', { names: { dns: ['localhost'] } }));
  const settings = { ...identity, requestCert: true, rejectUnauthorized: true, ...(ca === undefined ? {} : { ca }) };
  const server = createHttpsServer(settings, (_asked, response) => response.end('{"names":["somebody"]}'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const common = { lets: 'all', protocol: 'http/1.1', version: 'TLSv1.3', tells: false, refusals: [] } as const;
  return { ...common, name: 'bare', port, authority };
}

test('without a bundle a bare server and a bare client trust whom the system trusts', async (t) => {
  const stranger = presented(publicAuthority.issue('mallory'));
  for (const ca of [undefined, ''])
    assert.deepEqual((await knock(await bare(t, ca), stranger)).admittedAs, ['somebody'], 'the hole is there');
  const { port } = await bare(t, undefined);
  const dispatcher = new Agent({ connect: { ...stranger, ca: undefined as never, servername: 'localhost' } });
  t.after(() => dispatcher.destroy());
  assert.equal((await request(`https://127.0.0.1:${port}/`, { dispatcher })).statusCode, 200, 'the hole is there');
});

test('no server lets anybody in, and most do not start', async (t) => {
  const callers = [authority.issue('web'), publicAuthority.issue('web')].map(presented);
  const trying = servers.flatMap((server, at) =>
    server.versions.map(async (version) => {
      for (const [what, made] of [['nothing', () => ({})] as const, ...shareAt(at, [...missing])]) {
        const told = `${server.name}, ${version}: ${what} is missing`;
        let port: number;
        try {
          const had = { ...whole(), ...made(version) };
          const { trust, credentials } = optionsWith(had, version);
          const wanted: Wanted = { authority, policy: had.policy, version, trust, credentials };
          // A default of the register's would stand in for it.
          if ((credentials as unknown) === undefined) Object.assign(wanted, { credentials: throwing });
          ({ port } = await server.start(t, wanted));
        } catch (error) {
          assert.notEqual(what, 'nothing', told);
          assert.ok(isRefusal(error) || error instanceof Error, told);
          continue;
        }
        const [protocol = 'bytes'] = server.protocols;
        const common = { lets: 'all', tells: true, refusals: [], authority } as const;
        const attacked: AttackedServer = { ...common, name: told, port, protocol, version };
        const admitted = [];
        for (const caller of callers) admitted.push((await knock(attacked, caller)).admittedAs.length > 0);
        assert.deepEqual(admitted, [what === 'nothing', false], told);
      }
    }),
  );
  await allOf(trying);
});

test('no client takes a server for anybody, sends it anything, or shows up without its certificate', async (t) => {
  for (const [at, version] of versions.entries()) {
    for (const owner of [authority, publicAuthority]) {
      const { port, received, server } = await attackingServer(t, presented(owner.issue('web')), version);
      let anonymous = 0;
      server.on('secureConnection', (socket) => {
        if (socket.getPeerX509Certificate() === undefined) anonymous++;
      });
      for (const client of clients) {
        const outcomeWith = async (made: Missing): Promise<string> => {
          try {
            const had = { ...whole(), ...made(version) } as Had;
            return await client.call({ port }, { policy: had.policy, options: optionsWith(had, version) });
          } catch (error) {
            return `not made: ${String(error)}`;
          }
        };
        for (const [what, made] of shareAt(at, [...missing])) {
          const outcome = await outcomeWith(made);
          assert.doesNotMatch(outcome, /admitted/, `${client.name}, ${version}: ${what} is missing`);
        }
      }
      assert.equal(received(), '', 'nothing was sent to it');
      assert.equal(anonymous, 0, 'nobody came without a certificate');
    }
  }
});
