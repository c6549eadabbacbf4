/** Damaged certificates of every kind, alone and in every place of a path: nothing but refusals comes of them, in time and within memory. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DerReader,
  encodeElement,
  encodeInteger,
  readObjectIdentifier,
  tags,
  toHex,
} from '../../packages/countersign/src/ground/encoding/index.ts';
import { isRefusal } from '../../packages/countersign/src/ground/errors/index.ts';
import {
  anyPolicy,
  certificatePoliciesExtension,
  type Certificate,
  describeExtension,
  encodeName,
  examinePaths,
  extendedKeyUsageExtension,
  extendedKeyUsages,
  inhibitAnyPolicyExtension,
  keyUsageExtension,
  nameConstraintsExtension,
  parseCertificate,
  parseNameText,
  type PathProfile,
  policyConstraintsExtension,
  policyMappingsExtension,
  subjectAltNameExtension,
  type WritableNames,
} from '../../packages/countersign/src/identity/x509/index.ts';
import {
  authorityExtensions,
  generatePrivateKey,
  makeIssuer,
  makeRoot,
  makeService,
  testMoment,
  verifySignature,
} from '../fixtures/certificates.ts';
import { extensionExamples } from '../fixtures/extension-examples.ts';
import { mutateBytes } from '../fixtures/mutations.ts';
import { cpuMs, longestMs, mostResidentBytes, mutationSeed, residentBytes, scaled } from '../fixtures/mutation-run.ts';
import { seededRandom } from '../fixtures/random.ts';

const seed = mutationSeed(20_261_125);
const names: WritableNames = {
  dns: ['web.corp.internal', '*.corp.internal'],
  uri: ['spiffe://corp.internal/web'],
  ip: ['10.1.2.3', '2001:db8::1'],
  email: ['web@corp.internal'],
  directory: [parseNameText('CN=web+OU=a,O=Corp,C=DE')],
  registeredId: ['1.2.3.4'],
  otherName: [{ type: '1.3.6.1.5.5.7.8.5', value: encodeInteger(1) }],
  x400: [encodeElement(0xa3, new Uint8Array())],
  ediParty: [encodeElement(0xa5, new Uint8Array())],
};
const constraints = nameConstraintsExtension({
  permitted: {
    dns: ['corp.internal'],
    uri: ['corp.internal', '.corp.internal'],
    ip: ['10.0.0.0/8', '2001:db8::/32'],
    email: ['corp.internal', 'a@b.internal'],
    directory: [parseNameText('O=Corp,C=DE')],
  },
  excluded: {
    dns: ['bad.web.corp.internal'],
    ip: ['10.9.0.0/16'],
    otherName: [{ type: '1.2.3', value: encodeInteger(1) }],
  },
});
const policies = (...oids: string[]): Uint8Array => certificatePoliciesExtension(oids);

const root = makeRoot({
  key: generatePrivateKey('RSA'),
  subject: encodeName({ commonName: 'root', organization: 'Corp' }),
});
const upper = makeIssuer(root, {
  key: generatePrivateKey('P-521'),
  subject: parseNameText('CN=upper,O=Corp,C=DE').raw,
  moreExtensions: [
    constraints,
    policies('1.2.3', '1.2.4', anyPolicy),
    policyMappingsExtension([{ issuerDomainPolicy: '1.2.3', subjectDomainPolicy: '1.2.5' }]),
    policyConstraintsExtension({ requireExplicitPolicy: 0, inhibitPolicyMapping: 1 }),
    inhibitAnyPolicyExtension(2),
  ],
});
const lower = makeIssuer(upper, {
  subject: parseNameText('CN=lower,O=Corp,C=DE').raw,
  extensions: [...authorityExtensions({ pathLength: 0 }), extendedKeyUsageExtension([extendedKeyUsages.clientAuth])],
  moreExtensions: [policies('1.2.4', '1.2.5')],
});
const leaf = makeService(lower, {
  subject: parseNameText('CN=web,O=Corp,C=DE').raw,
  extensions: [
    keyUsageExtension(['digitalSignature']),
    extendedKeyUsageExtension([extendedKeyUsages.clientAuth, extendedKeyUsages.serverAuth]),
    subjectAltNameExtension(names, false),
    policies('1.2.5'),
  ],
});
/** One extension of each kind, as a certificate holds each once. */
const informational = new Map(
  Object.values(extensionExamples).map(({ ours }) => [
    readObjectIdentifier(DerReader.over(ours).enter(tags.sequence)),
    ours,
  ]),
);
const rich = makeService(root, {
  key: generatePrivateKey('RSA'),
  extensions: [subjectAltNameExtension(names, true), ...informational.values()],
});

const path = [leaf, lower, upper, root].map(({ certificate }) => certificate.raw);
const corpus = [...path, rich.certificate.raw];
const profiles: readonly PathProfile[] = ['mutual-tls', 'rfc5280', 'rfc5280-section-6', 'webpki'];

function examine(certificates: readonly Certificate[], profile: PathProfile): boolean {
  const [end, ...others] = certificates;
  const anchor = others.pop();
  if (end === undefined || anchor === undefined) throw new TypeError('a path has two ends');
  const report = examinePaths({
    leaf: end,
    intermediates: [...others, ...others, end],
    anchors: [anchor],
    at: testMoment,
    purpose: 'client',
    verifySignature,
    profile,
    policies: { accepted: ['1.2.3', '1.2.4'], requireExplicit: true },
    names: [{ kind: 'uri', value: 'spiffe://corp.internal/web' }],
    isPublicSuffix: (domain) => !domain.includes('.'),
  });
  JSON.stringify(report.paths);
  return report.valid;
}

test('the whole path is valid, but for the Web', () => {
  for (const profile of profiles.slice(0, 3)) assert.ok(examine(path.map(parseCertificate), profile), profile);
});

const count = scaled(6000);

test(`${String(count)} damaged certificates, alone and in each place of a path`, (t) => {
  let [slowest, read, valid] = [0, 0, 0];
  for (let index = 0; index < count; index++) {
    const random = seededRandom(seed + index);
    const input = mutateBytes(random, random.pick(corpus), random.pick(corpus));
    const start = cpuMs();
    try {
      const damaged = parseCertificate(input);
      read++;
      damaged.extensions.forEach(describeExtension);
      for (const [place] of path.entries()) {
        const certificates = path.map((der, at) => (at === place ? damaged : parseCertificate(der)));
        // Where the damage is in an anchor's own signature, nothing looks at it.
        if (examine(certificates, random.pick(profiles)) && place < path.length - 1) {
          valid++;
          assert.equal(toHex(damaged.tbs), toHex(certificates[place]!.tbs));
          assert.ok(
            path.some((der) => toHex(parseCertificate(der).tbs) === toHex(damaged.tbs)),
            'valid though damaged',
          );
        }
      }
    } catch (error) {
      if (!isRefusal(error)) {
        throw new Error(`seed ${String(seed)}, input ${String(index)}: not a refusal, of ${toHex(input)}`, {
          cause: error,
        });
      }
    }
    slowest = Math.max(slowest, cpuMs() - start);
  }
  const mib = Math.round(residentBytes() / 1024 / 1024);
  t.diagnostic(
    `seed ${String(seed)}: ${String(read)} read, ${String(valid)} valid; slowest ${slowest.toFixed(1)} ms; ${String(mib)} MiB at the most`,
  );
  assert.ok(slowest < longestMs, `${slowest.toFixed(1)} ms`);
  assert.ok(residentBytes() < mostResidentBytes);
  assert.ok(read < count && read > 0);
});
