import assert from 'node:assert/strict';
import { test } from 'node:test';

import { manualClock } from '../../ground/clock/index.ts';
import { isRefusal, type Refusal, type RefusalCode } from '../../ground/errors/index.ts';
import {
  basicConstraintsExtension,
  type Certificate,
  encodeName,
  encodeSigned,
  encodeTbsCertificate,
  extendedKeyUsageExtension,
  extendedKeyUsages,
  keyIdentifier,
  keyUsageExtension,
  nameConstraintsExtension,
  parseCertificate,
  parseNameText,
  subjectKeyIdentifierExtension,
} from '../../identity/x509/index.ts';
import { generatePrivateKey, type PrivateKey, randomBytes, sha256 } from '../../runtime/cryptography/index.ts';
import { openAuthority } from './authority.ts';
import { examineIssuer } from './examine-issuer.ts';
import { KeyCertificate } from './key-certificate.ts';
import { memoryLedger } from './memory-ledger.ts';
import { serviceProfile } from './profile.ts';
import { keySigner } from './signer.ts';

const nowMs = Date.parse('2026-11-21T08:00:00Z');
const dayMs = 86_400_000;

interface Made {
  readonly certificate: Certificate;
  readonly key: PrivateKey;
}

interface Recipe {
  readonly pathLength?: number;
  readonly ca?: boolean;
  readonly usages?: readonly string[];
  readonly constraints?: Parameters<typeof nameConstraintsExtension>[0];
  readonly daysLeft?: number;
}

/** A corporate authority, under `by` or a root. */
function authority(commonName: string, recipe: Recipe = {}, by?: Made): Made {
  const key = generatePrivateKey('P-256');
  const signer = by?.key ?? key;
  const subject = encodeName({ commonName, organization: 'Corp' });
  const { pathLength, ca = true, usages, constraints, daysLeft = 365 } = recipe;
  const tbs = encodeTbsCertificate({
    serialNumber: randomBytes(16).with(0, 1),
    signatureAlgorithm: signer.signatureAlgorithm,
    issuer: by?.certificate.subject.raw ?? subject,
    subject,
    notBefore: nowMs - 1000 * dayMs,
    notAfter: nowMs + daysLeft * dayMs,
    publicKey: key.publicKey.raw,
    extensions: [
      basicConstraintsExtension(pathLength === undefined ? { ca } : { ca, pathLength }),
      keyUsageExtension(['keyCertSign', 'cRLSign']),
      subjectKeyIdentifierExtension(keyIdentifier(key.publicKey.raw, sha256)),
      ...(usages === undefined ? [] : [extendedKeyUsageExtension(usages, false)]),
      ...(constraints === undefined ? [] : [nameConstraintsExtension(constraints)]),
    ],
  });
  const signed = encodeSigned(tbs, signer.signatureAlgorithm, signer.sign(tbs));
  return { certificate: parseCertificate(signed), key };
}

const examine = (issuer: Made, anchor: Made, others: readonly Made[] = []) =>
  examineIssuer({
    certificate: issuer.certificate,
    signatureAlgorithm: issuer.key.signatureAlgorithm,
    others: others.map(({ certificate }) => certificate),
    anchor: anchor.certificate,
    trustDomain: 'corp.internal',
    nowMs,
  });

function refused(code: RefusalCode, act: () => unknown): Refusal {
  try {
    act();
  } catch (error) {
    assert.ok(isRefusal(error), String(error));
    assert.equal(error.code, code, error.message);
    return error;
  }
  return assert.fail('not refused');
}

test('the path is found among what came, and what stands between is told in its order', () => {
  const root = authority('Root');
  const [first, stray] = [authority('First', {}, root), authority('Stray', {}, root)];
  const second = authority('Second', { pathLength: 1 }, first);
  const issuer = authority('Issuer', { pathLength: 0 }, second);
  const { above, warnings } = examine(issuer, root, [stray, root, second, first, issuer]);
  assert.deepEqual(above, [second.certificate, first.certificate]);
  assert.deepEqual(warnings.length, 1, 'that the trust domain is not named');
  const deep = [authority('Third', {}, second)];
  deep.push(authority('Fourth', {}, deep[0]));
  const last = authority('Last', {}, deep[1]);
  refused('CS-ISSUER-007', () => examine(last, root, [first, authority('Second', {}, first), ...deep]));
});

test('each thing that would make its certificates useless is refused for what it is', () => {
  const root = authority('Root');
  const { serverAuth, clientAuth, feedSigning } = extendedKeyUsages;
  const under = (recipe: Recipe, above: Recipe = {}) => {
    const top = authority('Top', above);
    return () => examine(authority('Issuer', recipe, top), top);
  };
  refused('CS-ISSUER-003', under({ ca: false }));
  refused('CS-ISSUER-003', under({}, { pathLength: 0 }));
  assert.match(
    String(refused('CS-ISSUER-005', under({ usages: [serverAuth, clientAuth] })).evidence['missing']),
    /feed/,
  );
  assert.equal(
    refused('CS-ISSUER-005', under({ usages: [serverAuth, feedSigning] })).evidence['missing'],
    'clientAuth',
  );
  under({ usages: [serverAuth, clientAuth, feedSigning] })();
  refused('CS-ISSUER-004', under({}, { constraints: { permitted: { uri: ['other.internal'] } } }));
  refused('CS-ISSUER-004', under({ constraints: { excluded: { uri: ['corp.internal'] } } }));
  under({ constraints: { permitted: { uri: ['corp.internal'] } } })();
  refused('CS-ISSUER-006', under({ daysLeft: -1 }));
  refused('CS-ISSUER-006', under({}, { daysLeft: -1 }));
  refused('CS-ISSUER-007', () => examine(authority('Issuer', {}, authority('Elsewhere')), root));
});

test('what ends within 30 days is said, wherever it stands', () => {
  const root = authority('Root', { daysLeft: 29 });
  const { warnings } = examine(authority('Issuer', { daysLeft: 31, pathLength: 0 }, root), root);
  assert.equal(
    warnings.filter((warning) => warning.startsWith('CN=Root,O=Corp ends in 29 days')).length,
    1,
    String(warnings),
  );
});

test('under constraints nothing outside of them is signed, and names under a constrained subject stand without one', async () => {
  const corporate = { permitted: { dns: ['corp.internal'], directory: [parseNameText('O=Corp')] } };
  const root = authority('Root', { constraints: corporate });
  const { certificate, key } = authority('Issuer', { pathLength: 0 }, root);
  const issuer = new KeyCertificate(certificate, keySigner(key), [root.certificate]);
  const keys = { trustDomain: 'corp.internal', anchor: root.certificate, above: [], issuer };
  const ledger = memoryLedger();
  const open = await openAuthority({ keys, ledger, clock: manualClock(nowMs) });
  const publicKey = generatePrivateKey('P-256').publicKey.raw;
  const ask = (name: string) => open.issue({ profile: serviceProfile, names: [name], publicKey, origin: 'test' });
  await assert.rejects(ask('web.other.internal'), { code: 'CS-ISSUER-001' });
  assert.equal(ledger.intents.size, 0);
  const leaf = parseCertificate((await ask('web.corp.internal')).certificate);
  assert.deepEqual([leaf.subject.text, leaf.subjectAltName.dns], ['', ['web.corp.internal']]);
});
