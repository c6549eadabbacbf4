/** The responder: answers that are signed ahead, and signatures on demand under a limit for what cannot be. */
import type { Clock } from '../../ground/clock/index.ts';
import { fromHex, toHex } from '../../ground/encoding/index.ts';
import type { RevocationView, RevokedEntry, RevokedScope } from '../../identity/revocation/index.ts';
import {
  type CertId,
  type CertIdHash,
  type CertIdIssuer,
  type CertStatus,
  encodeCertId,
  encodeOcspError,
  encodeOcspResponse,
  encodeResponseData,
  nonceExtension,
  type OcspError,
  type SingleResponseFields,
} from '../../identity/x509/index.ts';
import { certIdHash, sha256Hex } from '../../runtime/cryptography/index.ts';
import type { CertificateInventory, CertificateRecord } from '../authority/index.ts';
import type { Allowance } from './allowance.ts';
import { type Asked, knownHash, readAsked } from './asked.ts';
import type { OcspReply } from './ocsp-reply.ts';
import type { OcspRules } from './ocsp-rules.ts';
import type { ResponderKey } from './responder-key.ts';

export interface OcspResponderOptions {
  readonly issuer: CertIdIssuer;
  /** Lower-case hexadecimal SHA-256 of the issuer's SubjectPublicKeyInfo. */
  readonly issuerKey: string;
  readonly key: () => ResponderKey;
  readonly inventory: Pick<CertificateInventory, 'bySerialNumber'>;
  /** What is revoked and has not expired: asked at each answer, so that a revocation is told at once. */
  readonly revocations: () => RevocationView;
  readonly rules: () => OcspRules;
  readonly allowance: Allowance;
  readonly clock: Clock;
}

/** What is known of a certificate for as long as it lives. */
export type OnRecord = Pick<CertificateRecord, 'serialNumber' | 'issuerKey' | 'notAfterMs'>;

interface Ready {
  readonly reply: OcspReply;
  readonly serialNumber: string;
  readonly record: OnRecord | undefined;
  /** What it says: where another is so now, it is no answer any more. */
  readonly revokedAt: number | undefined;
  readonly reason: RevokedEntry['reason'] | undefined;
  readonly signedBy: ResponderKey;
  readonly refreshAtMs: number;
}

/** What is signed ahead: each hash that clients ask with (RFC 6960: SHA-1; RFC 9919: SHA-256, too). */
export const hashesAhead: readonly CertIdHash[] = ['SHA-1', 'SHA-256'];

/** Answers that are kept, about 1.3 KB each. Own choice: the two of 20,000 certificates; those of others are signed when they are asked for. */
const mostKept = 40_000;

/** Of what is not on record, which anybody can make up. Own choice. */
const mostUnknown = 1_000;

/** Of one request. Own choice: clients ask for one, as RFC 9919 wants them to. */
const mostTogether = 16;

/** It is not known, as yet: an answer that is soon asked for again. Own choice. */
const unknownLifeMs = 5 * 60_000;

/** As endpoints may: a certificate that expired here is still valid where the clock is behind. */
const clockToleranceMs = 5 * 60_000;

export class OcspResponder {
  readonly #options: OcspResponderOptions;
  readonly #kept = new Map<string, Ready>();
  readonly #unknown = new Map<string, Ready>();
  /** By the very object, which who asks often hands in again. */
  readonly #asked = new WeakMap<Uint8Array, Asked>();
  readonly #names: ReadonlyMap<CertIdHash, string>;
  readonly #issuerKeys: readonly string[];

  constructor(options: OcspResponderOptions) {
    this.#options = options;
    this.#issuerKeys = [options.issuerKey];
    const hashes: readonly CertIdHash[] = ['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'];
    this.#names = new Map(hashes.map((hash) => [hash, issuerHashes(options.issuer, hash)]));
  }

  /** How many are kept, for who looks on. */
  get kept(): number {
    return this.#kept.size;
  }

  /** Whether all that is asked for is of this issuer. */
  speaksFor(request: Uint8Array): boolean {
    return this.#read(request)?.certIds.every((certId) => this.#isOurs(certId)) ?? false;
  }

  /** At once where the answer is there, which is nearly always. */
  answer(request: Uint8Array): OcspReply | Promise<OcspReply> {
    const asked = this.#read(request);
    if (asked === undefined) return failure('malformedRequest');
    const { certIds, nonce } = asked;
    const [first] = certIds;
    if (first === undefined || certIds.length > mostTogether) return failure('malformedRequest');
    // Whose certificates they are: for another issuer nobody may speak here (RFC 9919, 3.2.3).
    if (!certIds.every((certId) => this.#isOurs(certId))) return failure('unauthorized');
    const wantsNonce = nonce !== undefined && this.#options.rules().nonces === 'signed';
    if (certIds.length === 1 && !wantsNonce) return this.#one(first);
    return this.#together(certIds, wantsNonce ? nonce : undefined);
  }

  /** Signs what is not, or not freshly, signed. */
  prepare(record: OnRecord, hash: CertIdHash): void {
    const key = keyOf(hash, record.serialNumber);
    if (this.#current(this.#kept.get(key)) === undefined)
      this.#sign(key, this.#certId(record.serialNumber, hash), record.serialNumber, record);
  }

  /** Those that are to be signed anew, each with what to sign; those of expired certificates are dropped meanwhile. */
  *due(): Generator<{ readonly record: OnRecord; readonly hash: CertIdHash }> {
    const nowMs = this.#options.clock.now();
    for (const [key, ready] of this.#kept) {
      const { record } = ready;
      if (record === undefined || record.notAfterMs + clockToleranceMs < nowMs) this.#kept.delete(key);
      else if (this.#current(ready) === undefined) yield { record, hash: key.slice(0, key.indexOf(':')) as CertIdHash };
    }
  }

  #read(request: Uint8Array): Asked | undefined {
    const known = this.#asked.get(request);
    if (known !== undefined) return known;
    const asked = readAsked(request);
    if (asked !== undefined) this.#asked.set(request, asked);
    return asked;
  }

  #isOurs(certId: CertId): boolean {
    const hash = knownHash(certId);
    return hash !== undefined && this.#names.get(hash) === `${certId.issuerNameHash}${certId.issuerKeyHash}`;
  }

  #one(certId: CertId): OcspReply | Promise<OcspReply> {
    const hash = knownHash(certId);
    if (hash === undefined) return failure('unauthorized');
    const key = keyOf(hash, certId.serialNumber);
    const ready = this.#current(this.#kept.get(key) ?? this.#unknown.get(key));
    return ready?.reply ?? this.#find(key, certId, hash);
  }

  async #find(key: string, certId: CertId, hash: CertIdHash): Promise<OcspReply> {
    const { inventory, rules, allowance } = this.#options;
    const [record] = await this.#records([certId.serialNumber], inventory);
    const free = record !== undefined && hashesAhead.includes(hash) && !this.#isOver(record);
    if (!free && !allowance.take(rules().signaturesASecond)) return failure('tryLater');
    return this.#sign(key, certId.raw, certId.serialNumber, record).reply;
  }

  async #together(certIds: readonly CertId[], nonce: string | undefined): Promise<OcspReply> {
    const { inventory, rules, allowance, clock } = this.#options;
    const [first] = certIds;
    if (!allowance.take(rules().signaturesASecond)) {
      // Who can do without its nonce has the answer all the same; who can't refuses it.
      return certIds.length === 1 && first !== undefined ? this.#one(first) : failure('tryLater');
    }
    const records = await this.#records(
      certIds.map(({ serialNumber }) => serialNumber),
      inventory,
    );
    const nowMs = wholeSeconds(clock.now());
    const statuses = certIds.map(({ serialNumber }, index) => this.#statusOf(serialNumber, records[index]));
    const nextUpdate = this.#nextUpdate(nowMs, statuses.includes(unknown) ? unknownLifeMs : rules().answerLifeMs);
    const responses = certIds.map(({ raw }, index): SingleResponseFields => {
      return { certId: raw, certStatus: statuses[index] ?? unknown, thisUpdate: nowMs, nextUpdate };
    });
    const extensions = nonce === undefined ? [] : [nonceExtension(fromHex(nonce) ?? new Uint8Array())];
    const [only] = statuses;
    const kind = only === undefined || statuses.length > 1 ? 'several' : only.status;
    return { kind, bytes: this.#signed(responses, nowMs, extensions) };
  }

  /** Another issuer's, from before a change of it, is none of ours. */
  async #records(
    serialNumbers: readonly string[],
    inventory: OcspResponderOptions['inventory'],
  ): Promise<readonly (CertificateRecord | undefined)[]> {
    const records = await inventory.bySerialNumber(serialNumbers);
    return serialNumbers.map((_, index) => {
      const record = records[index];
      return record?.issuerKey === this.#options.issuerKey ? record : undefined;
    });
  }

  /** Whether it is still what it would be, signed now. */
  #current(ready: Ready | undefined): Ready | undefined {
    if (ready === undefined) return undefined;
    const { clock, key, revocations, issuerKey } = this.#options;
    const { serialNumber, refreshAtMs, signedBy, revokedAt, reason } = ready;
    if (clock.now() >= refreshAtMs || signedBy !== key()) return undefined;
    const entry = revocations().isRevoked(issuerKey, serialNumber) ?? this.#ofWholeIssuer(revocations());
    return entry?.revokedAt === revokedAt && entry?.reason === reason ? ready : undefined;
  }

  /** Where the issuer itself is revoked, everything that it has signed is, on record or not. */
  #ofWholeIssuer(view: RevocationView): RevokedScope | undefined {
    return view.scopeOf?.({ identity: undefined, issuerKeys: () => this.#issuerKeys, notBefore: () => 0 });
  }

  #isOver({ notAfterMs }: OnRecord): boolean {
    return notAfterMs + clockToleranceMs < this.#options.clock.now();
  }

  /** Of what has expired only a revocation is told: its record goes one day, and "good" would then have been a promise. */
  #statusOf(serialNumber: string, record: CertificateRecord | OnRecord | undefined): CertStatus {
    // First, since a revocation may be known of what was issued in a time that was lost.
    const view = this.#options.revocations();
    const entry = view.isRevoked(this.#options.issuerKey, serialNumber) ?? this.#ofWholeIssuer(view);
    if (entry !== undefined) return revoked(entry.revokedAt, entry.reason);
    if (record === undefined) return unknown;
    if (!this.#isOver(record)) return { status: 'good' };
    if (!('revoked' in record) || record.revoked === undefined) return unknown;
    return revoked(record.revoked.atMs, record.revoked.reason as RevokedEntry['reason']);
  }

  #sign(key: string, certId: Uint8Array, serialNumber: string, record: OnRecord | undefined): Ready {
    const ready = this.#signOne(certId, serialNumber, record);
    if (record === undefined || this.#isOver(record)) keep(this.#unknown, key, ready, mostUnknown);
    else keep(this.#kept, key, ready, mostKept);
    return ready;
  }

  #signOne(certId: Uint8Array, serialNumber: string, record: OnRecord | undefined): Ready {
    const certStatus = this.#statusOf(serialNumber, record);
    const { clock, key, rules } = this.#options;
    const nowMs = wholeSeconds(clock.now());
    const nextUpdate = this.#nextUpdate(nowMs, certStatus === unknown ? unknownLifeMs : rules().answerLifeMs);
    const bytes = this.#signed([{ certId, certStatus, thisUpdate: nowMs, nextUpdate }], nowMs, []);
    const said = certStatus.status === 'revoked' ? certStatus : undefined;
    return {
      reply: {
        kind: certStatus.status,
        bytes,
        cache: { tag: sha256Hex(bytes).slice(0, 32), thisUpdateMs: nowMs, nextUpdateMs: nextUpdate },
      },
      serialNumber,
      record,
      revokedAt: said?.revocationTime,
      reason: said?.reason as RevokedEntry['reason'] | undefined,
      signedBy: key(),
      // At half of its life, so that half is left for caches and for a responder that is away.
      refreshAtMs: nowMs + (nextUpdate - nowMs) / 2,
    };
  }

  /** Not beyond the end of the responder's certificate, which is replaced long before. */
  #nextUpdate(nowMs: number, lifeMs: number): number {
    return Math.max(nowMs, wholeSeconds(Math.min(nowMs + lifeMs, this.#options.key().notAfterMs)));
  }

  #signed(responses: readonly SingleResponseFields[], nowMs: number, extensions: readonly Uint8Array[]): Uint8Array {
    const key = this.#options.key();
    const { keyHash, algorithm, certificate } = key;
    const data = encodeResponseData({ responderId: { keyHash }, producedAt: nowMs, responses, extensions });
    return encodeOcspResponse(data, algorithm, key.sign(data), [certificate]);
  }

  #certId(serialNumber: string, hash: CertIdHash): Uint8Array {
    const octets = fromHex(serialNumber) ?? new Uint8Array();
    return encodeCertId(this.#options.issuer, octets, hash, (bytes) => certIdHash(hash, bytes));
  }
}

const unknown: CertStatus = { status: 'unknown' };

function revoked(revocationTime: number, reason: RevokedEntry['reason']): CertStatus {
  return { status: 'revoked', revocationTime, reason };
}

function failure(status: OcspError): OcspReply {
  return { kind: 'error', bytes: encodeOcspError(status) };
}

function keyOf(hash: CertIdHash, serialNumber: string): string {
  return `${hash}:${serialNumber}`;
}

function issuerHashes({ subject, publicKey }: CertIdIssuer, hash: CertIdHash): string {
  // The key's bits, as the encoder takes them out of what it is given.
  const certId = encodeCertId({ subject, publicKey }, Uint8Array.of(1), hash, (bytes) => certIdHash(hash, bytes));
  const octets = certIdHash(hash, new Uint8Array()).length;
  // ... OCTET STRING name, OCTET STRING key, INTEGER 1 (three octets).
  const end = certId.length - 3;
  return `${toHex(certId.subarray(end - 2 * octets - 2, end - octets - 2))}${toHex(certId.subarray(end - octets, end))}`;
}

function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}

/** The oldest goes where there is no room. */
function keep<Value>(map: Map<string, Value>, key: string, value: Value, most: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= most) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}
