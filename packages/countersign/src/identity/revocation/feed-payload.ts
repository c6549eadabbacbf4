/** A feed message as the bytes that are signed: JSON in UTF-8, read back strictly. */
import type { FeedAuditAnswer, FeedAuditHead, FeedBundle, FeedMessage } from './feed-message.ts';
import { longestLeaseMs, mostBundleCertificates, mostPemCharacters, mostRevokedEntries } from './limits.ts';
import { revocationReasons, type RevocationReason, type RevokedEntry } from './revoked-entry.ts';
import { fieldsOf, listOf, malformed, numberOf, textOf } from './strict-fields.ts';

const sha256Form = /^[0-9a-f]{64}$/;
// A serial number has at most 20 octets (RFC 5280, 4.1.2.2); one more where the sign needs it is never sent by OpenSSL's text.
const serialForm = /^(?:[0-9A-F]{2}){1,20}$/;
// The form of a SPIFFE trust domain: lower-case letters, digits, ".", "-", "_", at most 255 (SPIFFE-ID, 2.1 and 2.3).
const trustDomainForm = /^[a-z0-9._-]{1,255}$/;

export function encodeFeedPayload(message: FeedMessage): Uint8Array {
  const bytes = new TextEncoder().encode(JSON.stringify(message));
  // What this side would refuse must not be sent: the same strict reading guards both ends.
  parseFeedPayload(bytes);
  return bytes;
}

/** @throws CS-FEED-001 on anything that is not exactly a message of a known kind. */
export function parseFeedPayload(bytes: Uint8Array): FeedMessage {
  const value = parseJson(bytes);
  const kind: unknown = typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined;
  switch (kind) {
    case 'state':
      return parseState(value);
    case 'change':
      return parseChange(value);
    case 'heartbeat':
      return { kind, ...parseNumbered(fieldsOf(value, 'heartbeat', numbered, optional)) };
    default:
      throw malformed('kind is state, change or heartbeat');
  }
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw malformed('the payload is JSON in UTF-8', error);
  }
}

/** What each kind has. */
const numbered = ['kind', 'authority', 'number', 'at', 'audit'];
const optional = ['auditAnswer'];

function parseState(value: unknown): FeedMessage {
  const fields = fieldsOf(value, 'state', [...numbered, 'revoked', 'bundle', 'leaseMs', 'heartbeatMs'], optional);
  return {
    kind: 'state',
    ...parseNumbered(fields),
    revoked: listOf(fields['revoked'], 'revoked', mostRevokedEntries, parseEntry),
    bundle: parseBundle(fields['bundle']),
    leaseMs: numberOf(fields['leaseMs'], 'leaseMs', 1, longestLeaseMs),
    heartbeatMs: numberOf(fields['heartbeatMs'], 'heartbeatMs', 1, longestLeaseMs),
  };
}

function parseChange(value: unknown): FeedMessage {
  const fields = fieldsOf(value, 'change', [...numbered, 'revoked'], [...optional, 'bundle']);
  return {
    kind: 'change',
    ...parseNumbered(fields),
    revoked: listOf(fields['revoked'], 'revoked', mostRevokedEntries, parseEntry),
    ...(Object.hasOwn(fields, 'bundle') ? { bundle: parseBundle(fields['bundle']) } : {}),
  };
}

type Common = Pick<FeedMessage, 'authority' | 'number' | 'at' | 'audit' | 'auditAnswer'>;

function parseNumbered(fields: Readonly<Record<string, unknown>>): Common {
  return {
    authority: textOf(fields['authority'], 'authority', sha256Form),
    number: numberOf(fields['number'], 'number', 0),
    at: numberOf(fields['at'], 'at', 0),
    audit: parseAuditHead(fields['audit']),
    ...(Object.hasOwn(fields, 'auditAnswer') ? { auditAnswer: parseAuditAnswer(fields['auditAnswer']) } : {}),
  };
}

function parseAuditHead(value: unknown): FeedAuditHead {
  const fields = fieldsOf(value, 'audit', ['sequence', 'hash']);
  return {
    sequence: numberOf(fields['sequence'], 'sequence', 0),
    hash: textOf(fields['hash'], 'hash', sha256Form),
  };
}

function parseAuditAnswer(value: unknown): FeedAuditAnswer {
  const fields = fieldsOf(value, 'auditAnswer', ['sequence'], ['hash']);
  return {
    sequence: numberOf(fields['sequence'], 'sequence', 0),
    ...(Object.hasOwn(fields, 'hash') ? { hash: textOf(fields['hash'], 'hash', sha256Form) } : {}),
  };
}

function parseEntry(value: unknown): RevokedEntry {
  const fields = fieldsOf(value, 'entry', ['issuerKey', 'serialNumber', 'revokedAt', 'expiresAt', 'reason']);
  const reason = fields['reason'];
  if (!isReason(reason)) throw malformed('reason is one of RFC 5280');
  return {
    issuerKey: textOf(fields['issuerKey'], 'issuerKey', sha256Form),
    serialNumber: textOf(fields['serialNumber'], 'serialNumber', serialForm),
    revokedAt: numberOf(fields['revokedAt'], 'revokedAt', 0),
    expiresAt: numberOf(fields['expiresAt'], 'expiresAt', 0),
    reason,
  };
}

function isReason(value: unknown): value is RevocationReason {
  return revocationReasons.some((reason) => reason === value);
}

function parseBundle(value: unknown): FeedBundle {
  const fields = fieldsOf(value, 'bundle', ['trustDomain', 'sequence', 'anchors', 'intermediates']);
  const anchors = listOf(fields['anchors'], 'anchors', mostBundleCertificates, parsePemText);
  // An empty bundle would trust nobody for ever, itself included: no authority means that (SPIFFE bundles, 4.1).
  if (anchors.length === 0) throw malformed('a bundle has an anchor');
  return {
    trustDomain: textOf(fields['trustDomain'], 'trustDomain', trustDomainForm),
    sequence: numberOf(fields['sequence'], 'sequence', 0),
    anchors,
    intermediates: listOf(fields['intermediates'], 'intermediates', mostBundleCertificates, parsePemText),
  };
}

function parsePemText(value: unknown): string {
  if (typeof value !== 'string' || value.length > mostPemCharacters)
    throw malformed('a certificate of the bundle is PEM text');
  return value;
}
