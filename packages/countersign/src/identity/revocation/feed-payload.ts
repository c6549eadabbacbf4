/** A feed message as the bytes that are signed: JSON in UTF-8, read back strictly. */
import type { FeedAuditAnswer, FeedAuditHead, FeedBundle, FeedMessage } from './feed-message.ts';
import {
  longestLeaseMs,
  mostBundleCertificates,
  mostPemCharacters,
  mostRevokedEntries,
  mostRevokedScopes,
} from './limits.ts';
import { revocationReasons, type RevocationReason, type RevokedEntry } from './revoked-entry.ts';
import type { ReleasedEntry, RevokedScope } from './revoked-scope.ts';
import { type Fields, fieldsOf, listOf, malformed, numberOf, textOf } from './strict-fields.ts';

const sha256Form = /^[0-9a-f]{64}$/;
// A serial number has at most 20 octets (RFC 5280, 4.1.2.2); one more where the sign needs it is never sent by OpenSSL's text.
const serialForm = /^(?:[0-9A-F]{2}){1,20}$/;
// The form of a SPIFFE trust domain: lower-case letters, digits, ".", "-", "_", at most 255 (SPIFFE-ID, 2.1 and 2.3).
const trustDomainForm = /^[a-z0-9._-]{1,255}$/;
// A SPIFFE ID with a path: at most 2048 octets (SPIFFE-ID, 2.3).
const identityForm = /^spiffe:\/\/[a-z0-9._-]{1,255}(?:\/[A-Za-z0-9._-]{1,1800}){1,256}$/;

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
/** What a state and a change have where there is any. */
const wider = ['scopes', 'released'];

function parseState(value: unknown): FeedMessage {
  const fields = fieldsOf(
    value,
    'state',
    [...numbered, 'revoked', 'bundle', 'leaseMs', 'heartbeatMs'],
    [...optional, ...wider],
  );
  return {
    kind: 'state',
    ...parseNumbered(fields),
    revoked: listOf(fields['revoked'], 'revoked', mostRevokedEntries, parseEntry),
    ...parseWider(fields),
    bundle: parseBundle(fields['bundle']),
    leaseMs: numberOf(fields['leaseMs'], 'leaseMs', 1, longestLeaseMs),
    heartbeatMs: numberOf(fields['heartbeatMs'], 'heartbeatMs', 1, longestLeaseMs),
  };
}

function parseChange(value: unknown): FeedMessage {
  const fields = fieldsOf(value, 'change', [...numbered, 'revoked'], [...optional, ...wider, 'bundle']);
  return {
    kind: 'change',
    ...parseNumbered(fields),
    revoked: listOf(fields['revoked'], 'revoked', mostRevokedEntries, parseEntry),
    ...parseWider(fields),
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
  return {
    issuerKey: textOf(fields['issuerKey'], 'issuerKey', sha256Form),
    serialNumber: textOf(fields['serialNumber'], 'serialNumber', serialForm),
    revokedAt: numberOf(fields['revokedAt'], 'revokedAt', 0),
    expiresAt: numberOf(fields['expiresAt'], 'expiresAt', 0),
    reason: reasonOf(fields['reason']),
  };
}

function reasonOf(value: unknown): RevocationReason {
  if (!isReason(value)) throw malformed('reason is one of RFC 5280');
  return value;
}

function parseWider(fields: Fields): { scopes?: readonly RevokedScope[]; released?: readonly ReleasedEntry[] } {
  const { scopes, released } = fields;
  return {
    ...(Object.hasOwn(fields, 'scopes') ? { scopes: listOf(scopes, 'scopes', mostRevokedScopes, parseScope) } : {}),
    ...(Object.hasOwn(fields, 'released')
      ? { released: listOf(released, 'released', mostRevokedEntries, parseReleased) }
      : {}),
  };
}

function parseScope(value: unknown): RevokedScope {
  const kind: unknown = typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined;
  const common = (fields: Fields): Pick<RevokedScope, 'revokedAt' | 'expiresAt' | 'reason'> => ({
    revokedAt: numberOf(fields['revokedAt'], 'revokedAt', 0),
    expiresAt: numberOf(fields['expiresAt'], 'expiresAt', 0),
    reason: reasonOf(fields['reason']),
  });
  if (kind === 'identity') {
    const fields = fieldsOf(value, 'scope', [...scopeFields, 'identity', 'notBeforeUntil']);
    return {
      kind,
      identity: textOf(fields['identity'], 'identity', identityForm),
      notBeforeUntil: numberOf(fields['notBeforeUntil'], 'notBeforeUntil', 0),
      ...common(fields),
    };
  }
  if (kind !== 'issuer') throw malformed('the kind of a scope is identity or issuer');
  const fields = fieldsOf(value, 'scope', [...scopeFields, 'issuerKey']);
  return { kind, issuerKey: textOf(fields['issuerKey'], 'issuerKey', sha256Form), ...common(fields) };
}

const scopeFields = ['kind', 'revokedAt', 'expiresAt', 'reason'];

function parseReleased(value: unknown): ReleasedEntry {
  const fields = fieldsOf(value, 'released', ['issuerKey', 'serialNumber', 'expiresAt']);
  return {
    issuerKey: textOf(fields['issuerKey'], 'issuerKey', sha256Form),
    serialNumber: textOf(fields['serialNumber'], 'serialNumber', serialForm),
    expiresAt: numberOf(fields['expiresAt'], 'expiresAt', 0),
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
