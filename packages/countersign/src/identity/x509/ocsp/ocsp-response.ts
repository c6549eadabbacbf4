/** OCSP responses (RFC 6960, 4.2) read from DER. */
import {
  contextConstructed,
  DerReader,
  readGeneralizedTime,
  readObjectIdentifier,
  readSmallInteger,
  tags,
  toHex,
} from '../../../ground/encoding/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import {
  readSignature,
  readSignatureAlgorithm,
  type SignatureAlgorithm,
  type UnknownAlgorithm,
} from '../algorithms.ts';
import { type DistinguishedName, readName } from '../distinguished-name.ts';
import { decodeExtension, type Extension } from '../extensions.ts';
import { ocspOids } from './extension-oids.ts';
import { readExtendedRevoke, readExtensionField, readNonce, unprocessed } from './extensions.ts';
import { refuseVersion } from './ocsp-request.ts';
import { ocspErrors, type OcspError } from './response-status.ts';
import { readCertificatesField } from './signed-certificates.ts';
import { type OcspReading, readSingleResponse, type SingleResponse } from './single-response.ts';

/** By the name of the responder's certificate, or by the SHA-1 of its key's bits, in lower-case hexadecimal digits. */
export type ResponderId =
  { readonly by: 'name'; readonly name: DistinguishedName } | { readonly by: 'key'; readonly keyHash: string };

export interface BasicOcspResponse {
  /** ResponseData, DER: what the responder signed. */
  readonly tbs: Uint8Array;
  /** An algorithm that is not accepted is read, and refused by whoever verifies. */
  readonly signatureAlgorithm: SignatureAlgorithm | UnknownAlgorithm;
  readonly signature: Uint8Array;
  /** DER, each, undecoded: the responder's own among them, if it is not the issuer. */
  readonly certificates: readonly Uint8Array[];
  readonly responderId: ResponderId;
  /** Milliseconds since 1970. */
  readonly producedAt: number;
  /** May be none, which says nothing of any certificate. */
  readonly responses: readonly SingleResponse[];
  /** Lower-case hexadecimal digits. */
  readonly nonce: string | undefined;
  readonly extendedRevoke: boolean;
  readonly extensions: readonly Extension[];
  /** Object identifiers of critical extensions of the whole that are not decoded here; each single response has its own. */
  readonly unprocessedCritical: readonly string[];
}

export type OcspResponse =
  | { readonly status: 'successful'; readonly raw: Uint8Array; readonly basic: BasicOcspResponse }
  /** Not signed by anybody: it says that there is no answer, and nothing of a certificate. */
  | { readonly status: OcspError; readonly raw: Uint8Array };

export function parseOcspResponse(der: Uint8Array, reading: OcspReading = {}): OcspResponse {
  const outer = DerReader.over(der);
  const fields = outer.enter(tags.sequence);
  outer.finish();
  const number = readSmallInteger(fields, tags.enumerated);
  if (number !== 0) {
    const status = ocspErrors.get(number);
    if (status === undefined) throw broken(`responseStatus ${number}, which there is not (4.2.1)`);
    if (!fields.done) throw broken('an error with responseBytes (4.2.1)');
    return { status, raw: der };
  }
  if (fields.done) throw broken('a successful response without responseBytes (4.2.1)');
  const explicit = fields.enter(contextConstructed(0));
  fields.finish();
  const bytes = explicit.enter(tags.sequence);
  explicit.finish();
  const type = readObjectIdentifier(bytes);
  if (type !== ocspOids.basicResponse) throw broken(`response of type ${type}, not of the basic one (4.2.1)`);
  const basic = parseBasicOcspResponse(bytes.contents(tags.octetString), reading);
  bytes.finish();
  return { status: 'successful', raw: der, basic };
}

/** @param der BasicOCSPResponse, as responseBytes hold it */
export function parseBasicOcspResponse(der: Uint8Array, reading: OcspReading = {}): BasicOcspResponse {
  const outer = DerReader.over(der);
  const response = outer.enter(tags.sequence);
  outer.finish();
  const tbs = response.element(tags.sequence);
  const signatureAlgorithm = readSignatureAlgorithm(response);
  const signature = readSignature(response, signatureAlgorithm);
  const certificates = readCertificatesField(response);
  response.finish();
  return { tbs, signatureAlgorithm, signature, certificates, ...readResponseData(tbs, reading) };
}

type ResponseData = Omit<BasicOcspResponse, 'tbs' | 'signatureAlgorithm' | 'signature' | 'certificates'>;

function readResponseData(tbs: Uint8Array, reading: OcspReading): ResponseData {
  const fields = DerReader.over(tbs).enter(tags.sequence);
  refuseVersion(fields);
  const responderId = readResponderId(fields);
  const producedAt = readGeneralizedTime(fields);
  const list = fields.enter(tags.sequence);
  const responses: SingleResponse[] = [];
  while (!list.done) responses.push(readSingleResponse(list.enter(tags.sequence), reading));
  const extensions = readExtensionField(fields, 1);
  fields.finish();
  return {
    responderId,
    producedAt,
    responses,
    nonce: decodeExtension(extensions, ocspOids.nonce, readNonce),
    extendedRevoke: decodeExtension(extensions, ocspOids.extendedRevoke, readExtendedRevoke) ?? false,
    extensions,
    unprocessedCritical: unprocessed(extensions, [ocspOids.nonce, ocspOids.extendedRevoke]),
  };
}

/** Octets of SHA-1, the only hash of keys here (RFC 6960, 4.2.1). */
const keyHashOctets = 20;

function readResponderId(fields: DerReader): ResponderId {
  const byName = fields.peek() === contextConstructed(1);
  const explicit = fields.enter(contextConstructed(byName ? 1 : 2));
  const responderId = byName ? readResponderName(explicit) : readKeyHash(explicit);
  explicit.finish();
  return responderId;
}

function readResponderName(explicit: DerReader): ResponderId {
  return { by: 'name', name: readName(explicit) };
}

function readKeyHash(explicit: DerReader): ResponderId {
  const hash = explicit.contents(tags.octetString);
  if (hash.length !== keyHashOctets) throw broken('a KeyHash of other than 20 octets (4.2.1)');
  return { by: 'key', keyHash: toHex(hash) };
}

function broken(rule: string): Refusal {
  return new Refusal('CS-OCSP-001', { rule });
}
