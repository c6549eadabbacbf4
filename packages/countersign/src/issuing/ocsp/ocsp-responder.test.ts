import assert from 'node:assert/strict';
import { test } from 'node:test';

import { manualClock } from '../../ground/clock/index.ts';
import { fromHex } from '../../ground/encoding/index.ts';
import { checkOcspResponse, type RevocationView, type RevokedEntry } from '../../identity/revocation/index.ts';
import {
  encodeCertId,
  encodeOcspRequest,
  encodeTbsRequest,
  nonceExtension,
  parseCertificate,
  parseOcspResponse,
} from '../../identity/x509/index.ts';
import { certIdHash, generatePrivateKey, verifySignature } from '../../runtime/cryptography/index.ts';
import {
  createAuthority,
  type IssuedCertificate,
  memoryLedger,
  ocspSigningProfile,
  openAuthority,
  serviceProfile,
} from '../authority/index.ts';
import { allowance } from './allowance.ts';
import type { OcspReply } from './ocsp-reply.ts';
import { OcspResponder } from './ocsp-responder.ts';
import { defaultOcspRules, type OcspRules } from './ocsp-rules.ts';
import type { ResponderKey } from './responder-key.ts';
import { signAhead } from './sign-ahead.ts';

const hourMs = 3_600_000;

async function scene(rules: Partial<OcspRules> = {}) {
  const clock = manualClock(Date.UTC(2026, 5, 1, 12));
  const keys = createAuthority({ trustDomain: 'test.internal', clock });
  const ledger = memoryLedger();
  const authority = await openAuthority({ keys, ledger, clock });
  const issue = (
    name: string,
    profile = serviceProfile,
    key = generatePrivateKey('P-256'),
  ): Promise<IssuedCertificate> =>
    authority.issue({
      profile,
      names: [`spiffe://test.internal/${name}`],
      publicKey: key.publicKey.raw,
      origin: `own:${name}`,
    });
  const responderKey = async (): Promise<ResponderKey> => {
    const key = generatePrivateKey('P-256');
    const { certificate, notAfterMs } = await issue('countersign/ocsp', ocspSigningProfile, key);
    const keyHash = certIdHash('SHA-1', key.publicKey.key);
    return { certificate, notAfterMs, keyHash, algorithm: key.signatureAlgorithm, sign: (data) => key.sign(data) };
  };
  const entries = new Map<string, RevokedEntry>();
  const view: RevocationView = {
    number: 1,
    freshUntil: Number.POSITIVE_INFINITY,
    isRevoked: (issuerKey, serial) => (issuerKey === keys.issuer.issuerKey ? entries.get(serial) : undefined),
  };
  let key = await responderKey();
  let signatures = 0;
  const { certificate: issuer, issuerKey } = keys.issuer;
  const responder = new OcspResponder({
    ...{ issuer, issuerKey, inventory: ledger, clock },
    key: () => key,
    revocations: () => view,
    rules: () => ({ ...defaultOcspRules, ...rules }),
    allowance: allowance(clock),
  });
  const count = (made: ResponderKey): ResponderKey => ({
    ...made,
    sign: (data) => {
      signatures += 1;
      return made.sign(data);
    },
  });
  key = count(key);
  const certIdOf = (serial: string): Uint8Array =>
    encodeCertId(issuer, fromHex(serial) ?? new Uint8Array(), 'SHA-1', (bytes) => certIdHash('SHA-1', bytes));
  const requestFor = (serials: readonly string[], nonce?: Uint8Array): Uint8Array =>
    encodeOcspRequest(
      encodeTbsRequest({
        certIds: serials.map(certIdOf),
        ...(nonce === undefined ? {} : { extensions: [nonceExtension(nonce)] }),
      }),
    );
  const statusOf = async (serial: string, notAfter = clock.now() + hourMs): Promise<string> => {
    const { bytes } = await responder.answer(requestFor([serial]));
    const response = parseOcspResponse(bytes);
    if (response.status !== 'successful') return response.status;
    const certificate = { serialNumber: serial, issuer: issuer.subject, notAfter };
    const answer = checkOcspResponse({
      ...{ certificate, issuer, response, at: clock.now(), verifySignature, hash: certIdHash },
    });
    return answer.status === 'revoked' ? `revoked: ${String(answer.reason)}` : answer.status;
  };
  const revoke = (serialNumber: string, reason: RevokedEntry['reason']): void =>
    void entries.set(serialNumber, {
      ...{ issuerKey, serialNumber, reason, revokedAt: clock.now(), expiresAt: clock.now() + 24 * hourMs },
    });
  return {
    ...{ clock, issue, responder, ledger, entries, requestFor, statusOf, revoke, issuerKey },
    signatures: () => signatures,
    rotate: async () => {
      key = count(await responderKey());
    },
    signAll: async () => {
      const again = signAhead({
        ...{ responder, inventory: ledger, issuerKey, clock },
        failed: (error) => assert.fail(String(error)),
      });
      await again.once();
      again.close();
    },
  };
}

test('what was signed ahead costs no signature, and is the same until half of its life', async () => {
  const { issue, signAll, responder, requestFor, signatures, clock } = await scene();
  const { serialNumber } = await issue('web');
  await signAll();
  const before = signatures();
  assert.ok(before >= 2);
  const ask = (): OcspReply | Promise<OcspReply> => responder.answer(requestFor([serialNumber]));
  const first = ask();
  assert.ok(!(first instanceof Promise), 'it is there');
  clock.advance(6 * hourMs - 1000);
  assert.equal(ask(), first);
  assert.equal(signatures(), before);
  clock.advance(1000);
  const second = await ask();
  assert.notDeepEqual(second.bytes, first.bytes);
  assert.equal(second.cache?.thisUpdateMs, clock.now());
});

test('a hold is told as one, and its end as good again', async () => {
  const { issue, signAll, statusOf, revoke, entries } = await scene();
  const { serialNumber } = await issue('web');
  await signAll();
  assert.equal(await statusOf(serialNumber), 'good');
  revoke(serialNumber, 'certificateHold');
  assert.equal(await statusOf(serialNumber), 'revoked: certificateHold');
  revoke(serialNumber, 'keyCompromise');
  assert.equal(await statusOf(serialNumber), 'revoked: keyCompromise');
  entries.delete(serialNumber);
  assert.equal(await statusOf(serialNumber), 'good');
});

test('a new responder key signs anew, and no answer outlives its certificate', async () => {
  const { issue, signAll, responder, requestFor, rotate, clock } = await scene({ answerLifeMs: 30 * 24 * hourMs });
  const { serialNumber } = await issue('web');
  await signAll();
  const first = await responder.answer(requestFor([serialNumber]));
  assert.ok((first.cache?.nextUpdateMs ?? Infinity) <= clock.now() + 7 * 24 * hourMs);
  await rotate();
  const second = await responder.answer(requestFor([serialNumber]));
  assert.notDeepEqual(second.bytes, first.bytes);
  const response = parseOcspResponse(second.bytes);
  assert.ok(response.status === 'successful');
  const [certificate] = response.basic.certificates;
  assert.ok(parseCertificate(certificate ?? new Uint8Array()).extendedKeyUsage?.length === 1);
});

test('what is not on record is unknown, and what has expired too, but for a revocation', async () => {
  const { issue, statusOf, revoke, clock } = await scene();
  assert.equal(await statusOf('0BAD'), 'unknown');
  const { serialNumber, notAfterMs } = await issue('web');
  const other = await issue('db');
  clock.advance(notAfterMs - clock.now() + 10 * 60_000);
  revoke(other.serialNumber, 'superseded');
  assert.equal(await statusOf(serialNumber), 'unknown');
  assert.equal(await statusOf(other.serialNumber), 'revoked: superseded');
});

test('a revocation is told of what is not on record, as after a loss', async () => {
  const { statusOf, revoke } = await scene();
  revoke('0BAD', 'keyCompromise');
  assert.equal(await statusOf('0BAD'), 'revoked: keyCompromise');
});

test('signatures on demand keep to their limit: what is made up is put off, what is on record is not', async () => {
  const { issue, statusOf, clock, signatures } = await scene({ signaturesASecond: 3 });
  const statuses: string[] = [];
  for (let serial = 10; serial < 30; serial++) statuses.push(await statusOf(String(serial)));
  assert.equal(statuses.filter((status) => status === 'unknown').length, 3);
  assert.equal(statuses.filter((status) => status === 'tryLater').length, 17);
  assert.equal(signatures(), 3);
  const { serialNumber } = await issue('web');
  assert.equal(await statusOf(serialNumber), 'good');
  assert.equal(await statusOf('10'), 'unknown', 'it was signed before');
  clock.advance(1000);
  assert.equal(await statusOf('29'), 'unknown');
});

test('a nonce, and several certificates at once', async () => {
  const { issue, responder, requestFor } = await scene({ nonces: 'signed' });
  const [web, db] = [await issue('web'), await issue('db')];
  const nonce = Uint8Array.of(1, 2, 3, 4);
  const both = parseOcspResponse(
    (await responder.answer(requestFor([web.serialNumber, db.serialNumber], nonce))).bytes,
  );
  assert.ok(both.status === 'successful');
  assert.equal(both.basic.nonce, '01020304');
  assert.deepEqual(
    both.basic.responses.map(({ certId }) => certId.serialNumber),
    [web.serialNumber, db.serialNumber],
  );
  const many = await responder.answer(requestFor(Array.from({ length: 17 }, () => web.serialNumber)));
  assert.equal(parseOcspResponse(many.bytes).status, 'malformedRequest');
  assert.equal(many.cache, undefined);
});
