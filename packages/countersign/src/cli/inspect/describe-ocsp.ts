/** OCSP requests and responses as data. */
import { toRfc3339 } from '../../ground/clock/index.ts';
import { toHex } from '../../ground/encoding/index.ts';
import {
  type BasicOcspResponse,
  type CertId,
  ocspOids,
  parseOcspRequest,
  parseOcspResponse,
  type SingleResponse,
} from '../../identity/x509/index.ts';
import { sha256Hex } from '../../runtime/cryptography/index.ts';
import { formatDuration } from '../text/duration.ts';
import { signatureRemark } from './certificate-remarks.ts';
import { summarizeCertificate } from './describe-certificate.ts';
import { describeExtensions } from './describe-extensions.ts';
import type { CertIdData, OcspRequestData, OcspResponseData, SingleResponseData } from './described.ts';
import { plainNames } from './plain-names.ts';
import { worstExposure } from './worst-exposure.ts';

export function describeOcspRequest(bytes: Uint8Array): OcspRequestData {
  const request = parseOcspRequest(bytes);
  const { signature } = request;
  return {
    kind: 'ocsp-request',
    requests: request.requests.map(({ certId, extensions }) => ({
      ...describeCertId(certId),
      extensions: describeExtensions(extensions, names),
    })),
    requestorName: request.requestorName === undefined ? null : plainNames(request.requestorName),
    nonce: request.nonce ?? null,
    extensions: describeExtensions(request.extensions, withNonce(request.nonce)),
    signatureAlgorithm: signature?.signatureAlgorithm ?? null,
    signature: signature === undefined ? null : toHex(signature.signature),
    certificates: signature?.certificates.map(summarizeCertificate) ?? [],
    sha256: sha256Hex(bytes),
    remarks: request.unprocessedCritical.map((oid) => `the critical extension ${oid} is not known here`),
  };
}

export function describeOcspResponse(bytes: Uint8Array, now: number): OcspResponseData {
  const response = parseOcspResponse(bytes);
  const basic = response.status === 'successful' ? response.basic : undefined;
  return {
    kind: 'ocsp-response',
    status: response.status,
    responder: basic === undefined ? null : responderName(basic),
    producedAt: time(basic?.producedAt),
    responses: basic?.responses.map(describeSingle) ?? [],
    nonce: basic?.nonce ?? null,
    extensions: describeExtensions(basic?.extensions ?? [], withNonce(basic?.nonce)),
    signatureAlgorithm: basic?.signatureAlgorithm ?? null,
    signature: basic === undefined ? null : toHex(basic.signature),
    certificates: basic?.certificates.map(summarizeCertificate) ?? [],
    sha256: sha256Hex(bytes),
    remarks:
      basic === undefined ? [`no answer: ${response.status}; it says nothing of a certificate`] : remarks(basic, now),
  };
}

function describeCertId({ serialNumber, hashAlgorithm, issuerNameHash, issuerKeyHash }: CertId): CertIdData {
  return { serial: serialNumber, hashAlgorithm, issuerNameHash, issuerKeyHash };
}

function describeSingle(single: SingleResponse): SingleResponseData {
  const { certStatus } = single;
  const revoked = certStatus.status === 'revoked' ? certStatus : undefined;
  return {
    ...describeCertId(single.certId),
    status: certStatus.status,
    revocationTime: time(revoked?.revocationTime),
    reason: revoked?.reason ?? null,
    thisUpdate: toRfc3339(single.thisUpdate),
    nextUpdate: time(single.nextUpdate),
    worstSeconds: worstExposure(single.thisUpdate, single.nextUpdate),
    archiveCutoff: time(single.archiveCutoff),
    extensions: describeExtensions(single.extensions, names),
  };
}

function responderName({ responderId }: BasicOcspResponse): string {
  return responderId.by === 'name' ? responderId.name.text : `the holder of the key ${responderId.keyHash}`;
}

function time(ms: number | undefined): string | null {
  return ms === undefined ? null : toRfc3339(ms);
}

/** Told by name; what the message itself shows of them stands in its own fields. */
const names: ReadonlyMap<string, { name: string; decoded: unknown }> = new Map(
  Object.entries(ocspOids).map(([name, oid]) => [oid, { name, decoded: null }]),
);

function withNonce(nonce: string | undefined): typeof names {
  return new Map([...names, [ocspOids.nonce, { name: 'nonce', decoded: nonce ?? null }]]);
}

function remarks(basic: BasicOcspResponse, now: number): string[] {
  return [
    basic.responses.length === 0 ? 'holds no answer about any certificate' : undefined,
    ...basic.responses.map(({ nextUpdate, thisUpdate }) => {
      if (nextUpdate !== undefined && now >= nextUpdate)
        return `stale: it held until ${formatDuration(now - nextUpdate)} ago`;
      return now < thisUpdate ? `not yet in force: begins in ${formatDuration(thisUpdate - now)}` : undefined;
    }),
    signatureRemark(basic.signatureAlgorithm, false),
    ...basic.unprocessedCritical.map((oid) => `the critical extension ${oid} is not known here`),
  ].filter((remark) => remark !== undefined);
}
