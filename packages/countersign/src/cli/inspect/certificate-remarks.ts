/** What is odd about a certificate, in plain words, the worst first. */
import { toRfc3339 } from '../../ground/clock/index.ts';
import {
  type InspectedCertificate,
  extensionOids,
  isKnownAlgorithm,
  isOutdated,
  isSelfIssued,
  type SignatureAlgorithm,
  type UnknownAlgorithm,
} from '../../identity/x509/index.ts';
import { formatDuration } from '../text/duration.ts';
import type { Issued } from './described.ts';
import { algorithmWords } from './algorithm-words.ts';
import type { ExtensionData } from './describe-extensions.ts';
import { keyRemark } from './describe-key.ts';

export function certificateRemarks(
  certificate: InspectedCertificate,
  extensions: readonly ExtensionData[],
  ownSignature: Issued,
  now: number,
): string[] {
  const selfSigned = ownSignature === 'yes';
  return [
    timeRemark(certificate, now),
    ...certificate.faults.map((rule) => `breaks RFC 5280 and is refused here: ${rule}`),
    keyRemark(certificate.publicKey),
    signatureRemark(certificate.signatureAlgorithm, selfSigned),
    ...extensions.map(extensionRemark),
    authorityRemark(certificate),
    selfRemark(certificate, ownSignature),
    namesRemark(certificate),
    wildcardRemark(certificate),
    certificate.uniqueIdentifiers
      ? 'has unique identifiers, which nobody may write any more (RFC 5280, 4.1.2.8)'
      : undefined,
  ].filter((remark) => remark !== undefined);
}

function timeRemark({ notBefore, notAfter }: InspectedCertificate, now: number): string | undefined {
  if (now < notBefore) return `not yet valid: begins in ${formatDuration(notBefore - now)}, at ${toRfc3339(notBefore)}`;
  // notAfter is inclusive of its final second (RFC 5280, 4.1.2.5).
  const over = now - notAfter - 1000;
  return over >= 0 ? `expired ${formatDuration(over)} ago, at ${toRfc3339(notAfter)}` : undefined;
}

/** @param selfSigned a root is trusted by its key: its own signature vouches for nothing */
export function signatureRemark(
  algorithm: SignatureAlgorithm | UnknownAlgorithm,
  selfSigned: boolean,
): string | undefined {
  if (!isKnownAlgorithm(algorithm)) return `signed with ${algorithmWords(algorithm)}, which nobody here verifies`;
  if (!isOutdated(algorithm)) return undefined;
  const weakness = algorithm.endsWith('SHA256') || algorithm.startsWith('dsa-with-SHA256') ? 'DSA' : 'SHA-1';
  return selfSigned
    ? `its own signature is by ${weakness}; as a root it is trusted by its key, so that does not matter`
    : `signed with ${weakness} (${algorithm}), which can be forged; refused here`;
}

function extensionRemark({ oid, name, critical, malformed }: ExtensionData): string | undefined {
  if (malformed !== undefined) return `the extension ${name ?? oid} is broken: ${malformed}`;
  if (name === undefined && critical) {
    return `the critical extension ${oid} is not known here: who does not know it must refuse the certificate`;
  }
  if (name === 'precertificatePoison') return 'a precertificate: made for the logs, not to be used';
  return undefined;
}

function authorityRemark({ basicConstraints, keyUsage }: InspectedCertificate): string | undefined {
  const ca = basicConstraints?.ca === true;
  if (!ca && keyUsage?.includes('keyCertSign') === true) {
    return 'may sign certificates (keyCertSign) without being an authority; refused here';
  }
  return ca && keyUsage?.includes('keyCertSign') === false
    ? 'an authority that may not sign certificates (no keyCertSign)'
    : undefined;
}

function selfRemark(certificate: InspectedCertificate, ownSignature: Issued): string | undefined {
  if (!isSelfIssued(certificate)) return undefined;
  if (ownSignature === 'no') return 'issued by its own name, and not signed with its own key';
  if (ownSignature === 'not known') return 'issued by its own name; whether its own key signed it is not verified here';
  return certificate.basicConstraints?.ca === true
    ? undefined
    : 'signed by itself: nobody vouches for it but whoever holds this very certificate';
}

function namesRemark({ basicConstraints, extensions }: InspectedCertificate): string | undefined {
  if (basicConstraints?.ca === true) return undefined;
  return extensions.some(({ oid }) => oid === extensionOids.subjectAltName)
    ? undefined
    : 'no alternative names: nobody finds a server or a service by the subject alone (RFC 9525)';
}

function wildcardRemark({ subjectAltName }: InspectedCertificate): string | undefined {
  const wildcard = subjectAltName.dns.find((name) => name.includes('*'));
  return wildcard === undefined ? undefined : `${wildcard} stands for many names; mutual TLS here takes none by it`;
}
