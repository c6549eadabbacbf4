/** SingleResponse (RFC 6960, 4.2.1): what a responder says of one certificate, and for how long. */
import {
  concatBytes,
  contextConstructed,
  contextPrimitive,
  type DerReader,
  encodeElement,
  encodeExplicit,
  encodeGeneralizedTime,
  encodeImplicit,
  encodeSequence,
  readGeneralizedTime,
} from '../../../ground/encoding/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import { encodeRevocationReason, readRevocationReason, type RevocationReason } from '../crl/revocation-reason.ts';
import { decodeExtension, type Extension } from '../extensions.ts';
import { readLooseSerialNumber, readSerialNumber } from '../serial-number.ts';
import { type CertId, readCertId } from './cert-id.ts';
import { ocspOids } from './extension-oids.ts';
import {
  type CrlReference,
  encodeExtensionField,
  readArchiveCutoff,
  readCrlReference,
  readExtensionField,
  unprocessed,
} from './extensions.ts';

/** The certificate is not known to be revoked; it is; or the responder does not know of it. */
export type CertStatus =
  | { readonly status: 'good' }
  | {
      readonly status: 'revoked';
      /** Milliseconds since 1970. */
      readonly revocationTime: number;
      readonly reason?: RevocationReason;
    }
  | { readonly status: 'unknown' };

export interface SingleResponse {
  readonly certId: CertId;
  readonly certStatus: CertStatus;
  /** Milliseconds since 1970, as are the other times. */
  readonly thisUpdate: number;
  /** Absent: newer information is there all the time (RFC 6960, 4.2.2.1). */
  readonly nextUpdate: number | undefined;
  readonly archiveCutoff: number | undefined;
  readonly crlReference: CrlReference | undefined;
  readonly extensions: readonly Extension[];
  /** Object identifiers of critical extensions that are not decoded here. */
  readonly unprocessedCritical: readonly string[];
}

/** How strictly a response is read. */
export interface OcspReading {
  /** Takes serial numbers with needless octets before them, as authorities of old wrote some, in their certificates too; default false. */
  readonly looseSerialNumbers?: boolean;
}

export function readSingleResponse(fields: DerReader, { looseSerialNumbers = false }: OcspReading): SingleResponse {
  const certId = readCertId(fields, looseSerialNumbers ? readLooseSerialNumber : readSerialNumber);
  const certStatus = readCertStatus(fields);
  const thisUpdate = readGeneralizedTime(fields);
  const nextUpdate = fields.peek() === contextConstructed(0) ? readExplicitTime(fields) : undefined;
  const extensions = readExtensionField(fields, 1);
  fields.finish();
  if (nextUpdate !== undefined && nextUpdate < thisUpdate) {
    throw new Refusal('CS-OCSP-001', { rule: 'nextUpdate is before thisUpdate (4.2.2.1)' });
  }
  return {
    certId,
    certStatus,
    thisUpdate,
    nextUpdate,
    archiveCutoff: decodeExtension(extensions, ocspOids.archiveCutoff, readArchiveCutoff),
    crlReference: decodeExtension(extensions, ocspOids.crlReference, readCrlReference),
    extensions,
    unprocessedCritical: unprocessed(extensions, [ocspOids.archiveCutoff, ocspOids.crlReference]),
  };
}

function readCertStatus(fields: DerReader): CertStatus {
  const { offset } = fields;
  switch (fields.peek()) {
    case contextPrimitive(0):
      readNothing(fields, 0);
      return { status: 'good' };
    case contextConstructed(1):
      return readRevoked(fields.enter(contextConstructed(1)));
    case contextPrimitive(2):
      readNothing(fields, 2);
      return { status: 'unknown' };
    default:
      throw fields.malformed('no CertStatus', offset);
  }
}

/** `[number] IMPLICIT NULL`. */
function readNothing(fields: DerReader, number: number): void {
  const { offset } = fields;
  if (fields.contents(contextPrimitive(number)).length !== 0) throw fields.malformed('NULL with contents', offset);
}

function readRevoked(fields: DerReader): CertStatus {
  const revocationTime = readGeneralizedTime(fields);
  if (fields.done) return { status: 'revoked', revocationTime };
  const explicit = fields.enter(contextConstructed(0));
  const reason = readRevocationReason(explicit);
  explicit.finish();
  fields.finish();
  return { status: 'revoked', revocationTime, reason };
}

function readExplicitTime(fields: DerReader): number {
  const explicit = fields.enter(contextConstructed(0));
  const ms = readGeneralizedTime(explicit);
  explicit.finish();
  return ms;
}

export interface SingleResponseFields {
  /** CertID, DER: as the request brought it, or made by `encodeCertId`. */
  readonly certId: Uint8Array;
  readonly certStatus: CertStatus;
  /** Milliseconds since 1970, as is `nextUpdate`; written to the second. */
  readonly thisUpdate: number;
  readonly nextUpdate?: number;
  /** Extension, DER, each. */
  readonly extensions?: readonly Uint8Array[];
}

/** SingleResponse, DER. */
export function encodeSingleResponse(fields: SingleResponseFields): Uint8Array {
  const { nextUpdate } = fields;
  if (nextUpdate !== undefined && nextUpdate < fields.thisUpdate) {
    throw new TypeError('nextUpdate is not before thisUpdate');
  }
  return encodeSequence(
    fields.certId,
    encodeCertStatus(fields.certStatus),
    encodeGeneralizedTime(fields.thisUpdate),
    ...(nextUpdate === undefined ? [] : [encodeExplicit(0, encodeGeneralizedTime(nextUpdate))]),
    encodeExtensionField(1, fields.extensions ?? []),
  );
}

function encodeCertStatus(certStatus: CertStatus): Uint8Array {
  if (certStatus.status === 'good') return encodeImplicit(0, new Uint8Array());
  if (certStatus.status === 'unknown') return encodeImplicit(2, new Uint8Array());
  const { revocationTime, reason } = certStatus;
  const members = [
    encodeGeneralizedTime(revocationTime),
    ...(reason === undefined ? [] : [encodeExplicit(0, encodeRevocationReason(reason))]),
  ];
  return encodeElement(contextConstructed(1), concatBytes(members));
}
