/** What a root says by OCSP of the issuers that it has certified: signed by itself (RFC 6960, 4.2.2.2), ahead, for as long as its list lives. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { encodePem, equalBytes, fromHex } from '../../../ground/encoding/index.ts';
import { isRefusal } from '../../../ground/errors/index.ts';
import {
  type Certificate,
  type CertIdHash,
  type CertStatus,
  encodeCertId,
  encodeOcspResponse,
  encodeResponseData,
  isKnownAlgorithm,
  readCertificatesPem,
} from '../../../identity/x509/index.ts';
import { readTextFile } from '../../../runtime/config/index.ts';
import { certIdHash, verifySignature } from '../../../runtime/cryptography/index.ts';
import type { HeldKey } from '../../authority/index.ts';
import type { RevokedIssuer } from './root-revocations.ts';

/** As OpenSSL writes it. */
export const answerLabel = 'OCSP RESPONSE';

/** In the folder of the root's lists. */
export const rootAnswersName = 'ocsp.pem';

export interface RootAnswersOrder {
  readonly root: HeldKey;
  /** That it has certified. */
  readonly issuers: readonly Certificate[];
  readonly revoked: readonly RevokedIssuer[];
  /** Milliseconds since 1970, as its list has them. */
  readonly thisUpdateMs: number;
  readonly nextUpdateMs: number;
}

/** With what clients ask (RFC 6960: SHA-1; RFC 9919: SHA-256, too). */
const hashes: readonly CertIdHash[] = ['SHA-1', 'SHA-256'];

/** One answer a certificate and hash, in one text. */
export function signRootAnswers(order: RootAnswersOrder): string {
  const { root, issuers, revoked } = order;
  const statuses = new Map<string, CertStatus>();
  for (const { serialNumber, notAfter } of issuers)
    if (notAfter > order.thisUpdateMs) statuses.set(serialNumber, { status: 'good' });
  for (const { serialNumber, atMs, reason } of revoked)
    statuses.set(serialNumber, { status: 'revoked', revocationTime: atMs, reason });
  const { certificate, privateKey } = root;
  return [...statuses]
    .flatMap(([serialNumber, certStatus]) =>
      hashes.map((hash) => {
        const octets = fromHex(serialNumber) ?? new Uint8Array();
        const certId = encodeCertId(certificate, octets, hash, (bytes) => certIdHash(hash, bytes));
        const data = encodeResponseData({
          responderId: { keyHash: certIdHash('SHA-1', certificate.publicKey.key) },
          producedAt: order.thisUpdateMs,
          responses: [{ certId, certStatus, thisUpdate: order.thisUpdateMs, nextUpdate: order.nextUpdateMs }],
        });
        return encodePem(
          answerLabel,
          encodeOcspResponse(data, privateKey.signatureAlgorithm, privateKey.sign(data), []),
        );
      }),
    )
    .join('');
}

/** The certificates in this folder that the root has signed, but its own: of the authority beside it, and those that were kept when they were signed. */
export async function certifiedIn(folder: string, root: Certificate): Promise<readonly Certificate[]> {
  const found = new Map<string, Certificate>();
  for (const name of (await readdir(folder)).sort()) {
    if (!name.endsWith('.pem') || name.endsWith('.key.pem')) continue;
    for (const certificate of await certificatesIn(join(folder, name)))
      if (!equalBytes(certificate.raw, root.raw) && isSignedBy(certificate, root))
        found.set(certificate.serialNumber, certificate);
  }
  return [...found.values()];
}

/** Under this name a certificate is kept beside the root that signed it. */
export function issuedFile({ serialNumber }: Certificate): string {
  return `issued-${serialNumber.toLowerCase()}.pem`;
}

export function isSignedBy({ issuer, signatureAlgorithm, tbs, signature }: Certificate, root: Certificate): boolean {
  return (
    equalBytes(issuer.raw, root.subject.raw) &&
    isKnownAlgorithm(signatureAlgorithm) &&
    verifySignature(root.publicKey, signatureAlgorithm, tbs, signature)
  );
}

/** A request, or something of somebody else's, is none. */
async function certificatesIn(path: string): Promise<readonly Certificate[]> {
  try {
    return readCertificatesPem(await readTextFile(path));
  } catch (error) {
    if (isRefusal(error)) return [];
    throw error;
  }
}
