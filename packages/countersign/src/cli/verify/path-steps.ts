/** A path as steps to show: from the end-entity up to the anchor, or as far as names lead. */
import { toRfc3339 } from '../../ground/clock/index.ts';
import { equalBytes } from '../../ground/encoding/index.ts';
import { type Certificate, sameName } from '../../identity/x509/index.ts';
import { sha256Hex } from '../../runtime/cryptography/index.ts';
import { allNames } from '../inspect/plain-names.ts';

export interface PathStep {
  readonly role: 'end-entity' | 'intermediate' | 'trust anchor';
  readonly subject: string;
  readonly names: readonly string[];
  readonly issuer: string;
  readonly serial: string;
  readonly notBefore: string;
  readonly notAfter: string;
  readonly sha256: string;
}

export function pathSteps(certificates: readonly Certificate[], anchors: readonly Certificate[]): PathStep[] {
  return certificates.map((certificate, at) => ({
    // What is asked about stays that, also where it is an anchor itself.
    role: at === 0 ? 'end-entity' : isIn(certificate, anchors) ? 'trust anchor' : 'intermediate',
    subject: certificate.subject.text,
    names: allNames(certificate.subjectAltName),
    issuer: certificate.issuer.text,
    serial: certificate.serialNumber,
    notBefore: toRfc3339(certificate.notBefore),
    notAfter: toRfc3339(certificate.notAfter),
    sha256: sha256Hex(certificate.raw),
  }));
}

/** Where no path is valid: whom the names lead to, so that a person sees where it breaks. */
export function pathByNames(
  leaf: Certificate,
  intermediates: readonly Certificate[],
  anchors: readonly Certificate[],
): Certificate[] {
  const path = [leaf];
  for (let tip: Certificate | undefined = leaf; tip !== undefined && !isIn(tip, anchors);) {
    const { issuer }: Certificate = tip;
    tip = [...anchors, ...intermediates].find((next) => sameName(next.subject, issuer) && !isIn(next, path));
    if (tip !== undefined) path.push(tip);
  }
  return path;
}

function isIn(certificate: Certificate, list: readonly Certificate[]): boolean {
  return list.some(({ raw }) => equalBytes(raw, certificate.raw));
}
