/** One case decided: what the response says of the certificate, to a checker that trusts the issuer's certificate of the file alone. */
import { isRefusal } from '../../../packages/countersign/src/ground/errors/index.ts';
import { checkOcspResponse } from '../../../packages/countersign/src/identity/revocation/index.ts';
import {
  inspectCertificate,
  isKnownAlgorithm,
  parseOcspResponse,
  type Weakness,
} from '../../../packages/countersign/src/identity/x509/index.ts';
import { certIdHash, verifySignature } from '../../../packages/countersign/src/runtime/cryptography/index.ts';
import { CannotRun } from '../runner-command.ts';
import type { OcspCase, OcspFolder } from './ocsp-folder.ts';

export interface OcspDecision {
  /** `failed`: something is missing, or the library threw something that is no refusal. */
  readonly answer: 'good' | 'revoked' | 'refused' | 'failed';
  /** Why refused or failed. */
  readonly because: string;
}

/** What the library takes only where it is asked for by name. */
export interface OcspLeniency {
  readonly weak: readonly Weakness[];
  readonly looseSerialNumbers: boolean;
}

export const strict: OcspLeniency = { weak: [], looseSerialNumbers: false };
export const lenient: OcspLeniency = { weak: ['sha1'], looseSerialNumbers: true };

export function decideOcsp(item: OcspCase, { at, mostAgeMs }: OcspFolder, leniency: OcspLeniency): OcspDecision {
  const { weak, looseSerialNumbers } = leniency;
  try {
    // Without extensions, as these are, no path leads through them; here they only say whose answer is asked for.
    const issuer = inspectCertificate(item.block('CA CERTIFICATE'));
    const certificate = inspectCertificate(item.block('CERTIFICATE'));
    const { signatureAlgorithm: algorithm, signature, signed } = certificate;
    if (!isKnownAlgorithm(algorithm) || !verifySignature(issuer.publicKey, algorithm, signed, signature)) {
      return { answer: 'refused', because: 'the certificate is not of its issuer' };
    }
    const response = parseOcspResponse(item.block('OCSP RESPONSE'), { looseSerialNumbers });
    const answer = checkOcspResponse({
      ...{ certificate, issuer, response, at, mostAgeMs },
      ...{ verifySignature, hash: certIdHash, dangerouslyAllow: weak },
    });
    if (answer.status === 'good' || answer.status === 'revoked') return { answer: answer.status, because: '' };
    return { answer: 'refused', because: answer.refusal.message };
  } catch (error) {
    if (isRefusal(error)) return { answer: 'refused', because: error.message };
    if (error instanceof CannotRun) return { answer: 'failed', because: error.message };
    return { answer: 'failed', because: `no refusal, but ${String(error)}` };
  }
}
