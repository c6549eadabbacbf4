/** One case decided: what the lists of its file say of its leaf, where its authorities alone are trusted. */
import { isRefusal } from '../../../packages/countersign/src/ground/errors/index.ts';
import { checkPathByLists, HeldLists } from '../../../packages/countersign/src/identity/revocation/index.ts';
import {
  algorithmFits,
  type Certificate,
  isKnownAlgorithm,
  parseCertificate,
  parseCertificateList,
  sameName,
} from '../../../packages/countersign/src/identity/x509/index.ts';
import { verifySignature } from '../../../packages/countersign/src/runtime/cryptography/index.ts';
import { CannotRun } from '../runner-command.ts';
import type { CrlAnswer, CrlCase, CrlFolder } from './crl-folder.ts';

export interface CrlDecision {
  /** `failed`: a file is missing, or the library threw something that is no refusal. */
  readonly answer: CrlAnswer | 'failed';
  /** Why not good. */
  readonly because: string;
}

export function decideCrl({ name }: CrlCase, folder: CrlFolder): CrlDecision {
  try {
    return decided(name, folder);
  } catch (error) {
    if (isRefusal(error)) return { answer: 'refused', because: error.message };
    if (error instanceof CannotRun) return { answer: 'failed', because: error.message };
    return { answer: 'failed', because: `no refusal, but ${String(error)}` };
  }
}

function decided(name: string, folder: CrlFolder): CrlDecision {
  const { lists, authorities, leaf: der } = folder.file(name);
  if (der === undefined) throw new CannotRun(3, `${name} holds no CERTIFICATE`, '');
  const leaf = parseCertificate(der);
  const trusted = authorities.map(parseCertificate);
  const issuer = trusted.find((authority) => isIssuedBy(leaf, authority));
  if (issuer === undefined) return { answer: 'refused', because: `${name}: its leaf is of none of its authorities` };
  const { verdicts } = checkPathByLists({
    // The authorities have no basicConstraints, and are trusted as they are: no path is validated here.
    path: { certificates: [leaf, issuer], anchor: issuer },
    trusted,
    lists: new HeldLists(lists.map((list) => parseCertificateList(list))),
    at: folder.at,
    mostAgeMs: folder.mostAgeMs,
    verifySignature,
    dangerouslyAllow: ['rsa-1024'],
  });
  const verdict = verdicts[0]?.verdict;
  if (verdict === undefined) throw new TypeError('a path with its end-entity');
  if (verdict.status === 'good') return { answer: 'good', because: '' };
  const { message } = verdict.refusal;
  return { answer: verdict.status === 'revoked' ? 'revoked' : 'refused', because: message };
}

function isIssuedBy({ issuer, signatureAlgorithm, tbs, signature }: Certificate, authority: Certificate): boolean {
  return (
    sameName(issuer, authority.subject) &&
    isKnownAlgorithm(signatureAlgorithm) &&
    algorithmFits(signatureAlgorithm, authority.publicKey.type) &&
    verifySignature(authority.publicKey, signatureAlgorithm, tbs, signature)
  );
}
