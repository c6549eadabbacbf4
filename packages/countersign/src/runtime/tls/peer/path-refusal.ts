/** What a failed path validation means for a live peer: the codes of X.509 said in those of peers. */
import { Refusal } from '../../../ground/errors/index.ts';

/** @param subject what to call the peer's certificate */
export function peerRefusalOf(refusal: Refusal, subject: string): Refusal {
  const evidence = { subject, reason: refusal.message };
  const options = { cause: refusal };
  switch (refusal.code) {
    case 'CS-PATH-001':
    // A certificate under the name of an anchor but not of its key is another authority's, too.
    case 'CS-PATH-004':
      return new Refusal('CS-PEER-002', evidence, options);
    case 'CS-PATH-002':
      return new Refusal('CS-PEER-003', evidence, options);
    case 'CS-PATH-003':
      return new Refusal('CS-PEER-004', evidence, options);
    case 'CS-PATH-008':
      return new Refusal('CS-PEER-012', evidence, options);
    case 'CS-X509-002':
      return new Refusal('CS-PEER-011', { reason: refusal.message }, options);
    default:
      return new Refusal('CS-PEER-006', evidence, options);
  }
}
