/** OCSP requests (RFC 6960, 4.1) read from DER. */
import { contextConstructed, DerReader, readSmallInteger, tags } from '../../../ground/encoding/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import {
  readSignature,
  readSignatureAlgorithm,
  type SignatureAlgorithm,
  type UnknownAlgorithm,
} from '../algorithms.ts';
import { decodeExtension, type Extension } from '../extensions.ts';
import { type GeneralNames, readGeneralNames } from '../general-names.ts';
import { type CertId, readCertId } from './cert-id.ts';
import { ocspOids } from './extension-oids.ts';
import { readAcceptableResponses, readExtensionField, readNonce, unprocessed } from './extensions.ts';
import { readCertificatesField } from './signed-certificates.ts';

/** One certificate asked about. */
export interface SingleRequest {
  readonly certId: CertId;
  readonly extensions: readonly Extension[];
}

export interface OcspRequestSignature {
  readonly signatureAlgorithm: SignatureAlgorithm | UnknownAlgorithm;
  readonly signature: Uint8Array;
  /** DER, each. */
  readonly certificates: readonly Uint8Array[];
}

export interface OcspRequest {
  readonly raw: Uint8Array;
  /** TBSRequest, DER: what a client signs, if it signs. */
  readonly tbs: Uint8Array;
  /** One name. */
  readonly requestorName: GeneralNames | undefined;
  /** At least one. */
  readonly requests: readonly SingleRequest[];
  /** Lower-case hexadecimal digits. */
  readonly nonce: string | undefined;
  /** Object identifiers. */
  readonly acceptableResponses: readonly string[] | undefined;
  readonly extensions: readonly Extension[];
  /** Object identifiers of critical extensions, those of single requests too, that are not decoded here. */
  readonly unprocessedCritical: readonly string[];
  readonly signature: OcspRequestSignature | undefined;
}

export function parseOcspRequest(der: Uint8Array): OcspRequest {
  const outer = DerReader.over(der);
  const request = outer.enter(tags.sequence);
  outer.finish();
  const tbs = request.element(tags.sequence);
  const signature = request.done ? undefined : readOptionalSignature(request);
  request.finish();
  return { raw: der, tbs, signature, ...readTbs(tbs) };
}

function readTbs(tbs: Uint8Array): Omit<OcspRequest, 'raw' | 'tbs' | 'signature'> {
  const fields = DerReader.over(tbs).enter(tags.sequence);
  refuseVersion(fields);
  const requestorName = fields.peek() === contextConstructed(1) ? readRequestorName(fields) : undefined;
  const list = fields.enter(tags.sequence);
  const requests: SingleRequest[] = [];
  if (list.done) throw new Refusal('CS-OCSP-001', { rule: 'a request about no certificate (4.1.1)' });
  while (!list.done) requests.push(readSingleRequest(list.enter(tags.sequence)));
  const extensions = readExtensionField(fields, 2);
  fields.finish();
  return {
    requestorName,
    requests,
    nonce: decodeExtension(extensions, ocspOids.nonce, readNonce),
    acceptableResponses: decodeExtension(extensions, ocspOids.acceptableResponses, readAcceptableResponses),
    extensions,
    unprocessedCritical: [
      ...unprocessed(extensions, [ocspOids.nonce, ocspOids.acceptableResponses]),
      ...requests.flatMap((request) => unprocessed(request.extensions, [])),
    ],
  };
}

/** Version 1 is the one that there is, and as a default it is not written (RFC 6960, 4.1.1 and 4.2.1; X.690, 11.5). */
export function refuseVersion(fields: DerReader): void {
  if (fields.peek() !== contextConstructed(0)) return;
  const { offset } = fields;
  const explicit = fields.enter(contextConstructed(0));
  if (readSmallInteger(explicit) !== 0) throw new Refusal('CS-OCSP-001', { rule: 'a version other than 1 (4.1.1)' });
  throw fields.malformed('a default value written out', offset);
}

function readRequestorName(fields: DerReader): GeneralNames {
  const explicit = fields.enter(contextConstructed(1));
  const name = readGeneralNames(DerReader.over(explicit.element()));
  explicit.finish();
  return name;
}

function readSingleRequest(fields: DerReader): SingleRequest {
  const certId = readCertId(fields);
  const extensions = readExtensionField(fields, 0);
  fields.finish();
  return { certId, extensions };
}

function readOptionalSignature(request: DerReader): OcspRequestSignature {
  const explicit = request.enter(contextConstructed(0));
  const fields = explicit.enter(tags.sequence);
  explicit.finish();
  const signatureAlgorithm = readSignatureAlgorithm(fields);
  const signature = readSignature(fields, signatureAlgorithm);
  const certificates = readCertificatesField(fields);
  fields.finish();
  return { signatureAlgorithm, signature, certificates };
}
