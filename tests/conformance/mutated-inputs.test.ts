/** Fifty thousand damaged inputs: nothing but refusals comes of them, none takes long, and none proves anything. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { encodePem, parsePem, toHex } from '../../packages/countersign/src/ground/encoding/index.ts';
import {
  isRefusal,
  toCommandText,
  toLogLine,
  toProblemDocument,
} from '../../packages/countersign/src/ground/errors/index.ts';
import {
  type FeedMessage,
  parseFeedEnvelope,
  parseFeedPayload,
  RevocationState,
  signFeedMessage,
  verifyFeedMessage,
  withoutRevocation,
} from '../../packages/countersign/src/identity/revocation/index.ts';
import { parseSpiffeId, parseTrustDomain, svidId } from '../../packages/countersign/src/identity/spiffe/index.ts';
import {
  type Certificate,
  certificateCarriesName,
  type DistinguishedName,
  extendedKeyUsageExtension,
  extendedKeyUsages,
  keyUsageExtension,
  parseCertificate,
  parseCertificationRequest,
  readCertificatesPem,
  validatePath,
  verifyCertificationRequest,
} from '../../packages/countersign/src/identity/x509/index.ts';
import { decodeToken, encodeToken } from '../../packages/countersign/src/runtime/api/index.ts';
import { parsePrivateKey, sha256, sha256Hex } from '../../packages/countersign/src/runtime/cryptography/index.ts';
import { fixedKey, ofUsualLength } from '../fixtures/fixed-keys.ts';
import {
  type Holder,
  makeIssuer,
  makeRequest,
  makeRoot,
  makeService,
  type Recipe,
  testMoment,
  verifySignature,
} from '../fixtures/certificates.ts';
import { mutateBytes, mutateText } from '../fixtures/mutations.ts';
import { cpuMs, longestMs, mutationSeed, scaled } from '../fixtures/mutation-run.ts';
import { type Random, seededRandom } from '../fixtures/random.ts';

const seed = mutationSeed(20_260_601);

/** Repeated by the seed, key and all. */
const setting = seededRandom(seed);

interface Slowest {
  ms: number;
  what: string;
}

/** Runs `act` on one damaged input: only a refusal may come of it, every text of which can be made, and in time. */
function run(act: () => unknown, describe: () => string, slowest: Slowest): 'accepted' | 'refused' {
  const start = cpuMs();
  let outcome: 'accepted' | 'refused' = 'accepted';
  try {
    act();
  } catch (error) {
    if (!isRefusal(error)) throw new Error(`seed ${String(seed)}: not a refusal, of ${describe()}`, { cause: error });
    outcome = 'refused';
    toLogLine(error);
    toCommandText(error);
    JSON.stringify(toProblemDocument(error));
  }
  const ms = cpuMs() - start;
  if (ms > slowest.ms) {
    slowest.ms = ms;
    slowest.what = describe().slice(0, 160);
  }
  return outcome;
}

/** Damages and tries `count` inputs, and tells how it went. */
function trial<T>(
  name: string,
  usualCount: number,
  corpus: readonly T[],
  mutate: (random: Random, input: T, other: T) => T,
  attempt: (input: T) => unknown,
  describe: (input: T) => string,
): void {
  const count = scaled(usualCount);
  test(`${String(count)} damaged ${name}`, (t) => {
    const slowest: Slowest = { ms: 0, what: '' };
    for (const whole of corpus) {
      assert.equal(
        run(
          () => attempt(whole),
          () => describe(whole),
          { ms: 0, what: '' },
        ),
        'accepted',
        describe(whole),
      );
    }
    let accepted = 0;
    for (let index = 0; index < count; index++) {
      // A generator for each input, so that one input can be made again without those before it.
      const random = seededRandom(seed + hashOf(`${name} ${String(index)}`));
      const input = mutate(random, random.pick(corpus), random.pick(corpus));
      if (
        run(
          () => attempt(input),
          () => describe(input),
          slowest,
        ) === 'accepted'
      )
        accepted++;
    }
    const ms = slowest.ms.toFixed(1);
    t.diagnostic(
      `seed ${String(seed)}: ${String(accepted)} of ${String(count)} accepted; slowest ${ms} ms: ${slowest.what}`,
    );
    assert.ok(slowest.ms < longestMs, `${ms} ms: ${slowest.what}`);
    assert.ok(accepted < count, 'something is refused');
  });
}

function hashOf(text: string): number {
  return Number.parseInt(sha256Hex(new TextEncoder().encode(text)).slice(0, 8), 16);
}

const serial = (): { serialNumber: Uint8Array } => ({ serialNumber: Uint8Array.of(0x5a, ...setting.bytes(15)) });
const steady = (make: (recipe: Recipe) => Holder, recipe: Recipe): Holder =>
  ofUsualLength(
    () => make({ ...serial(), ...recipe }),
    ({ certificate }) => certificate.signature,
  );

// Ed25519 signs the same bytes in the same way each time.
const root = makeRoot({ key: fixedKey('Ed25519', setting), ...serial() });
const issuer = makeIssuer(root, { key: fixedKey('Ed25519', setting), ...serial() });
const names = { dns: ['web.internal'], uri: ['spiffe://dev.internal/web'], ip: ['127.0.0.1', '::1'] };
const keys = (['P-256', 'P-384', 'Ed25519'] as const).map((type) => fixedKey(type, setting));
const [firstKey] = keys;
const feed = makeService(issuer, {
  ...serial(),
  key: fixedKey('Ed25519', setting),
  subject: 'feed',
  extensions: [
    keyUsageExtension(['digitalSignature']),
    extendedKeyUsageExtension([extendedKeyUsages.feedSigning], true),
  ],
});
const holders = [
  root,
  issuer,
  feed,
  makeService(root, { ...serial(), names, subject: 'web', key: firstKey }),
  ...keys.map((key) => makeService(issuer, { ...serial(), key, names })),
  ...keys.map((key) => steady(makeRoot, { key, pathLength: 0 })),
];
const certificates = holders.map(({ certificate }) => certificate.raw);
const signedParts = new Set(holders.map(({ certificate }) => toHex(certificate.tbs)));

/** Certificates that OpenSSL does not read, by its reason; the last of each in hexadecimal. */
const differences = new Map<string, string>();

trial('certificates', 20_000, certificates, mutateBytes, tryCertificate, toHex);

/** What is accepted must be so for OpenSSL too, in the same reading, and must be valid only where what was signed is untouched. */
function tryCertificate(der: Uint8Array): void {
  const certificate = parseCertificate(der);
  compareWithOpenssl(certificate);
  if (isValid(certificate, 'any')) {
    assert.ok(signedParts.has(toHex(certificate.tbs)), `valid though damaged: ${toHex(der)}`);
    for (const purpose of ['client', 'server', 'feed'] as const) isValid(certificate, purpose);
  }
  attempted(() => svidId(certificate));
  attempted(() => certificateCarriesName(certificate, 'web.internal'));
}

function isValid(leaf: Certificate, purpose: 'client' | 'server' | 'feed' | 'any'): boolean {
  return attempted(() =>
    validatePath({
      leaf,
      intermediates: [issuer.certificate, leaf],
      anchors: [root.certificate],
      at: testMoment,
      purpose,
      verifySignature,
    }),
  );
}

/** Whether `act` was done; only a refusal may stop it. */
function attempted(act: () => unknown): boolean {
  try {
    act();
    return true;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return false;
  }
}

const decodedHere: ReadonlySet<string> = new Set(['14', '15', '17', '19', '35', '37'].map((last) => `2.5.29.${last}`));

function hasUnknownAttribute({ relativeNames }: DistinguishedName): boolean {
  return relativeNames.flat().some(({ text }) => text === undefined);
}

function compareWithOpenssl(certificate: Certificate): void {
  // A key of no known kind is read here as octets, and by OpenSSL as far as it knows the kind.
  if (certificate.publicKey.type === 'other') return;
  // Nor does it read every value of an attribute whose type it does not know.
  if (hasUnknownAttribute(certificate.subject) || hasUnknownAttribute(certificate.issuer)) return;
  let openssl: X509Certificate;
  try {
    openssl = new X509Certificate(certificate.raw);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    differences.set(reason, toHex(certificate.raw));
    return;
  }
  assert.equal(certificate.serialNumber, openssl.serialNumber.padStart(certificate.serialNumber.length, '0'));
  // OpenSSL calls an authority only whom keyUsage lets sign certificates, and nobody with an extension that it cannot decode,
  // such as a constraint, which here no path may have.
  const signs = certificate.keyUsage?.includes('keyCertSign') ?? true;
  const authority = signs && (certificate.basicConstraints?.ca ?? false);
  const undecoded = certificate.extensions.some(({ oid }) => !decodedHere.has(oid));
  assert.ok(authority === openssl.ca || (authority && undecoded));
  const alternative = openssl.subjectAltName ?? '';
  for (const uri of certificate.subjectAltName.uri)
    assert.ok(alternative.includes(uri) || alternative.includes('"'), alternative);
  assert.equal(certificate.notAfter, Date.parse(openssl.validTo));
  assert.equal(certificate.notBefore, Date.parse(openssl.validFrom));
}

test('what is accepted of damaged certificates OpenSSL accepts too', () => {
  assert.deepEqual([...differences], [], `seed ${String(seed)}`);
});

const requests = keys.flatMap((key) =>
  [() => makeRequest(key, names), () => makeRequest(key, { dns: ['a'] }, 'web'), () => makeRequest(key)].map((make) =>
    ofUsualLength(make, (der) => parseCertificationRequest(der).signature),
  ),
);
const signedRequests = new Set(requests.map((der) => toHex(parseCertificationRequest(der).signed)));

trial('certification requests', 8000, requests, mutateBytes, tryRequest, toHex);

function tryRequest(der: Uint8Array): void {
  const request = parseCertificationRequest(der);
  if (attempted(() => verifyCertificationRequest(request, verifySignature))) {
    assert.ok(signedRequests.has(toHex(request.signed)), `proved though damaged: ${toHex(der)}`);
  }
}

const chains = certificates.map(
  (der, index) => encodePem('CERTIFICATE', der) + encodePem('CERTIFICATE', certificates[index % 3]!),
);

trial('PEM texts', 8000, chains, mutateText, (pem) => [parsePem(pem), readCertificatesPem(pem)], JSON.stringify);

trial(
  'private keys in PEM',
  2000,
  keys.map((key) => key.toPem()),
  mutateText,
  parsePrivateKey,
  () => 'a key',
);

const keyBytes = keys.map((key) => parsePem(key.toPem())[0]!.bytes);

trial(
  'private keys in DER',
  2000,
  keyBytes,
  mutateBytes,
  (der) => parsePrivateKey(encodePem('PRIVATE KEY', der.length === 0 ? Uint8Array.of(0) : der)),
  () => 'a key',
);

const ids = ['spiffe://dev.internal/web', 'spiffe://dev.internal/ns/shop/sa/web', 'spiffe://a_b-c.9/A.b_C-9'];

trial('SPIFFE IDs', 4000, ids, mutateText, trySpiffeId, JSON.stringify);

function trySpiffeId(id: string): void {
  const parsed = parseSpiffeId(id);
  assert.equal(parsed.toString(), id);
  assert.equal(parseTrustDomain(parsed.trustDomain), parsed.trustDomain);
}

const authority = sha256Hex(root.certificate.raw);
const revoked = [
  {
    issuerKey: sha256Hex(issuer.key.publicKey.raw),
    serialNumber: '0A1B',
    revokedAt: testMoment,
    expiresAt: testMoment + 1000,
    reason: 'keyCompromise',
  },
] as const;
const audit = { sequence: 2, hash: 'cd'.repeat(32) };
const messages: readonly FeedMessage[] = [
  { kind: 'heartbeat', authority, number: 3, at: testMoment, audit, auditAnswer: { sequence: 1 } },
  { kind: 'change', authority, number: 4, at: testMoment, audit, auditAnswer: audit, revoked },
  {
    kind: 'state',
    authority,
    number: 5,
    at: testMoment,
    audit,
    revoked,
    bundle: {
      trustDomain: 'dev.internal',
      sequence: 1,
      anchors: [encodePem('CERTIFICATE', root.certificate.raw)],
      intermediates: [],
    },
    leaseMs: 60_000,
    heartbeatMs: 20_000,
  },
];
const envelopes = messages.map((message) =>
  signFeedMessage(message, {
    certificate: feed.certificate.raw,
    intermediates: [issuer.certificate.raw],
    sign: (data) => feed.key.sign(data),
  }),
);
const payloads = envelopes.map((envelope) => parseFeedEnvelope(envelope).payload);
const signedPayloads = new Set(payloads.map(toHex));

trial('feed envelopes', 3000, envelopes, mutateText, tryEnvelope, JSON.stringify);

function tryEnvelope(envelope: string): void {
  const message = verifyFeedMessage(envelope, {
    authority,
    bundle: {
      trustDomain: 'dev.internal',
      anchors: [root.certificate],
      intermediates: [issuer.certificate],
      sequence: 1,
    },
    revocations: withoutRevocation,
    at: testMoment,
    verifySignature,
    sha256,
  });
  assert.ok(signedPayloads.has(toHex(parseFeedEnvelope(envelope).payload)), 'verified though damaged');
  if (message.kind === 'state') RevocationState.unknown.apply(message, testMoment);
}

const payloadTexts = payloads.map((payload) => new TextDecoder().decode(payload));

trial(
  'feed payloads',
  3000,
  payloadTexts,
  mutateText,
  (payload) => parseFeedPayload(new TextEncoder().encode(payload)),
  JSON.stringify,
);

const tokens = ['web', 'spiffe://dev.internal/web'].map((name) =>
  encodeToken({
    authority: 'https://127.0.0.1:7443',
    root: authority,
    id: 'token-1',
    secret: 'c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2U',
    names: [name],
    expires: testMoment,
  }),
);

trial('tokens', 1500, tokens, mutateText, decodeToken, () => 'a token');

const tokenFields = tokens.map((token) => Buffer.from(token.slice(4), 'base64url').toString());

trial(
  'tokens, damaged inside',
  1500,
  tokenFields,
  mutateText,
  (fields) => decodeToken(`cs1_${Buffer.from(fields).toString('base64url')}`),
  () => 'a token',
);
