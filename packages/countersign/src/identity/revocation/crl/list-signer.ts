/** Whose key signed a list, and whether it may sign it (RFC 5280, 6.3.3 (f) and (g)). */
import { equalBytes } from '../../../ground/encoding/index.ts';
import { isRefusal } from '../../../ground/errors/index.ts';
import {
  algorithmFits,
  type Certificate,
  type CertificateList,
  isKnownAlgorithm,
  naming,
  requireSoundKey,
  requireSoundSignature,
  sameName,
  type TrustAnchor,
  type ValidatedPath,
  validatePath,
} from '../../x509/index.ts';
import type { CrlQuestion } from './crl-question.ts';
import { type ListFault, listFault, listName } from './list-fault.ts';

/** Certificates beside the path that are tried for one list. Two keys of one name are met in a rollover, and three in a hasty one. */
const mostStrangers = 8;

/** What finding a signer needs of the check that it is a part of. */
export interface SignerSearch {
  readonly question: CrlQuestion;
  /** Authorities above the certificate in question, whose own status is found out apart. */
  readonly above: readonly TrustAnchor[];
  /** Takes one validation of a path from what is left of them. */
  spendPath(list: CertificateList): ListFault | undefined;
  /** Why a certificate of this path, which is valid, is not good itself. */
  statusFault(path: ValidatedPath): string | undefined;
}

export type SignerFound =
  { readonly signer: TrustAnchor; readonly faults?: never } | { readonly faults: readonly ListFault[] };

export function findSigner(list: CertificateList, search: SignerSearch): SignerFound {
  const { question, above } = search;
  const known = [...above, ...(question.trusted ?? [])].filter(({ subject }) => sameName(subject, list.issuer));
  const faults: ListFault[] = [];
  for (const signer of known) {
    const fault = keyFault(list, signer, question);
    if (fault === undefined) return { signer };
    faults.push(fault);
  }
  const strangers = strangersOf(list, question).filter(({ raw }) => !known.some((one) => isSame(one, raw)));
  for (const stranger of strangers.slice(0, mostStrangers)) {
    const fault = pathFault(list, stranger, search) ?? keyFault(list, stranger, question);
    if (fault === undefined) return { signer: stranger };
    faults.push(fault);
  }
  return { faults: faults.length === 0 ? [notSigned(list, 0)] : faults };
}

/** Also the certificates of the path, whose keys may sign for more than stands above one of them. */
function strangersOf(list: CertificateList, { path, others = [] }: CrlQuestion): Certificate[] {
  const wanted = list.authorityKeyIdentifier?.keyIdentifier;
  return [...path.certificates, ...others].filter(
    ({ subject, subjectKeyIdentifier: held }) =>
      sameName(subject, list.issuer) && (wanted === undefined || held === undefined || wanted === held),
  );
}

function isSame(authority: TrustAnchor, raw: Uint8Array): boolean {
  return 'raw' in authority && equalBytes(authority.raw, raw);
}

/** Why the key of `signer` did not sign the list, or must not have. */
export function keyFault(list: CertificateList, signer: TrustAnchor, question: CrlQuestion): ListFault | undefined {
  const refused = usageFault(list, signer) ?? algorithmFault(list, signer, question);
  if (refused !== undefined) return refused;
  return isSignedBy(list, signer, question) ? undefined : notSigned(list, 1);
}

function notSigned(list: CertificateList, keys: number): ListFault {
  return listFault('CS-CRL-007', { list: listName(list), keys });
}

function usageFault(list: CertificateList, signer: TrustAnchor): ListFault | undefined {
  if (!('tbs' in signer) || signer.keyUsage === undefined || signer.keyUsage.includes('cRLSign')) return undefined;
  return listFault('CS-CRL-008', { list: listName(list), signer: naming(signer) });
}

function algorithmFault(
  { signatureAlgorithm: algorithm }: CertificateList,
  { publicKey }: TrustAnchor,
  { dangerouslyAllow }: CrlQuestion,
): ListFault | undefined {
  try {
    requireSoundSignature(algorithm, dangerouslyAllow);
    requireSoundKey(publicKey, dangerouslyAllow);
    return undefined;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return { code: error.code, refusal: () => error };
  }
}

function isSignedBy(list: CertificateList, { publicKey }: TrustAnchor, question: CrlQuestion): boolean {
  const { signatureAlgorithm: algorithm, tbs, signature } = list;
  if (!isKnownAlgorithm(algorithm) || !algorithmFits(algorithm, publicKey.type)) return false;
  return question.lists.isSigned(list, publicKey, () => question.verifySignature(publicKey, algorithm, tbs, signature));
}

/** "The trust anchor for the certification path MUST be the same as the trust anchor used to validate the target certificate" (6.3.3 (f)). */
function pathFault(list: CertificateList, stranger: Certificate, search: SignerSearch): ListFault | undefined {
  const { path, others = [], at, verifySignature, profile, dangerouslyAllow } = search.question;
  const fault = (reason: string): ListFault =>
    listFault('CS-CRL-010', { list: listName(list), signer: naming(stranger), reason });
  const spent = search.spendPath(list);
  if (spent !== undefined) return spent;
  let valid: ValidatedPath;
  try {
    valid = validatePath({
      leaf: stranger,
      intermediates: [...path.certificates, ...others],
      anchors: [path.anchor],
      at,
      purpose: 'any',
      verifySignature,
      ...(profile === undefined ? {} : { profile }),
      ...(dangerouslyAllow === undefined ? {} : { dangerouslyAllow }),
    });
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return fault(error.message);
  }
  const status = search.statusFault(valid);
  return status === undefined ? undefined : fault(status);
}
