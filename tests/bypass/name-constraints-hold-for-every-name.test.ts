/**
 * Class P. An issuer whose own certificate constrains the names below it certifies the victim's, written so that a verifier with a gap lets them pass:
 * among several constraints of one kind the first or the last, on URIs, on what a wildcard stands for, in letters of another case.
 * Stands for: Go CVE-2026-27137 (only the last e-mail constraint counted), CVE-2024-45341, CVE-2025-61727, CVE-2026-33810; RUSTSEC-2026-0098, -0099.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import {
  type Certificate,
  type GeneralNames,
  nameConstraintsExtension,
  readCertificatesPem,
  type WritableSubtrees,
} from '../../packages/countersign/src/identity/x509/index.ts';
import { parsePrivateKey } from '../../packages/countersign/src/runtime/cryptography/index.ts';
import type { Credential } from '../../packages/countersign/src/runtime/tls/index.ts';
import { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { startHouse } from '../authority/server-house.ts';
import { type Holder, hourMs, makeIssuer, makeRoot } from '../fixtures/certificates.ts';
import { attackingServer, everyClient, fromEveryClient } from './clients.ts';
import { presented } from './presented.ts';
import { type AttackedServer, everyRegisteredServer, knock } from './servers.ts';
import { authorityOf, victimId } from './victim.ts';
import { shareAt } from './share.ts';

interface Attack {
  readonly permitted?: WritableSubtrees;
  readonly excluded?: WritableSubtrees;
  /** Beside the victim's SPIFFE ID. */
  readonly names?: Partial<GeneralNames>;
}

const mailbox = { email: ['mallory@bank.test'] };

function attacks(domain: string): Readonly<Record<string, Attack>> {
  return {
    'the trust domain excluded': { excluded: { uri: [domain] } },
    'the trust domain excluded, in capitals': { excluded: { uri: [domain.toUpperCase()] } },
    'the trust domain excluded, first of two': { excluded: { uri: [domain, 'other.test'] } },
    'the trust domain excluded, last of two': { excluded: { uri: ['other.test', domain] } },
    'another trust domain permitted': { permitted: { uri: ['other.test'] } },
    'domains below the trust domain permitted': { permitted: { uri: [`.${domain}`] } },
    'the host of a mailbox excluded, first of two': {
      excluded: { email: ['bank.test', 'other.test'] },
      names: mailbox,
    },
    'the host of a mailbox excluded, last of two': { excluded: { email: ['other.test', 'bank.test'] }, names: mailbox },
    'the host of a mailbox excluded, in capitals': { excluded: { email: ['BANK.test'] }, names: mailbox },
    'the host of another mailbox permitted': { permitted: { email: ['other.test'] }, names: mailbox },
    'its DNS name excluded, in capitals': { excluded: { dns: ['WEB.Internal'] }, names: { dns: ['web.internal'] } },
    'its DNS name excluded, a wildcard for it': { excluded: { dns: ['web.internal'] }, names: { dns: ['*.internal'] } },
    'another DNS name permitted': { permitted: { dns: ['other.test'] }, names: { dns: ['web.internal'] } },
    'an address excluded': { excluded: { ip: ['10.0.0.0/8'] }, names: { ip: ['10.1.2.3'] } },
  };
}

/** An authority with a root of its own, and that root. */
function house(): { authority: TestAuthority; root: Holder } {
  const root = makeRoot(validNow());
  const issuer = makeIssuer(root, validNow());
  const keys = { root: root.certificate, rootKey: root.key, issuer: issuer.certificate, issuerKey: issuer.key };
  return { authority: new TestAuthority({ keys }), root };
}

function validNow(): { notBefore: number; notAfter: number } {
  return { notBefore: Date.now() - hourMs, notAfter: Date.now() + hourMs };
}

/** The victim's names, certified by an issuer under `root` that is constrained so. */
function certified(root: Holder, domain: string, { permitted, excluded, names }: Attack): Credential {
  const constraints = nameConstraintsExtension({
    ...(permitted === undefined ? {} : { permitted }),
    ...(excluded === undefined ? {} : { excluded }),
  });
  const subject = 'constrained issuer';
  const issuer = makeIssuer(root, { ...validNow(), subject, moreExtensions: [constraints] });
  const authority = new TestAuthority({
    trustDomain: domain,
    keys: { root: root.certificate, rootKey: root.key, issuer: issuer.certificate, issuerKey: issuer.key },
  });
  return authority.issue('web', { names: { uri: [`spiffe://${domain}/web`], ...names } });
}

/** Constraints that leave the victim's name alone: without it, a refusal would show nothing. */
const harmless: Attack = { excluded: { uri: ['other.test'], email: ['other.test'], dns: ['other.test'] } };

interface Attacked {
  readonly server: AttackedServer;
  readonly root: Holder;
}

async function everyServer(t: TestContext): Promise<Attacked[]> {
  const { authority, root } = house();
  const servers = await everyRegisteredServer(t, authority);
  const { server, dir } = await startHouse(t);
  const port = Number(new URL(server.url).port);
  const read = (file: string): string => readFileSync(join(dir, 'authority', file), 'utf8');
  const [certificate] = readCertificatesPem(read('root.pem')) as [Certificate];
  const listener: AttackedServer = {
    name: "the authority's listener",
    lets: 'all',
    port,
    protocol: 'http/1.1',
    version: 'TLSv1.3',
    authority: authorityOf(dir, 'dev.internal'),
    tells: false,
    refusals: [],
  };
  return [
    ...servers.map((server) => ({ server, root })),
    { server: listener, root: { certificate, key: parsePrivateKey(read('root.key.pem')) } },
  ];
}

test('no server lets in a name that an issuer above it may not certify', async (t) => {
  for (const [at, { server, root }] of (await everyServer(t)).entries()) {
    const { trustDomain } = server.authority;
    const right = await knock(server, presented(certified(root, trustDomain, harmless)));
    assert.equal(right.admittedAs[0], victimId(server.authority), `${server.name}: ${right.seen}`);
    for (const [what, attack] of shareAt(at, Object.entries(attacks(trustDomain)))) {
      const { admittedAs } = await knock(server, presented(certified(root, trustDomain, attack)));
      assert.deepEqual(admittedAs, [], `${server.name}: ${what}`);
    }
  }
});

test('no client talks to a server with such a name', async (t) => {
  const { authority, root } = house();
  for (const [at, version] of (['TLSv1.3', 'TLSv1.2'] as const).entries()) {
    const right = await attackingServer(t, presented(certified(root, authority.trustDomain, harmless)), version);
    assert.deepEqual(await everyClient(authority, right.port, version), fromEveryClient('admitted'));
    for (const [what, attack] of shareAt(at, Object.entries(attacks(authority.trustDomain)))) {
      const credential = certified(root, authority.trustDomain, attack);
      const server = await attackingServer(t, presented(credential), version);
      for (const outcome of await everyClient(authority, server.port, version)) {
        assert.match(outcome, /^CS-(?:PEER|TLS)-/, `${version}: ${what}`);
      }
      assert.equal(server.received(), '', `${what}: nothing was sent to it`);
    }
  }
});
