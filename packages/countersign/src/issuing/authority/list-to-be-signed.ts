/** A revocation list about to be signed, in pieces, since it may be too long to be copied; and the look at its first that nothing else passes. */
import { DerReader, equalBytes, readSmallInteger, readTime, tags } from '../../ground/encoding/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import { encodeSignatureAlgorithm, type SignatureAlgorithm } from '../../identity/x509/index.ts';

/** TBSCertList (RFC 5280, 5.1.2), DER. */
export interface ListToBeSigned {
  /** Up to where the entries begin, or the extensions where there are none. */
  readonly head: Uint8Array;
  readonly entries: readonly Uint8Array[];
  /** `[0]`, to the end. */
  readonly extensions: Uint8Array;
}

/** What of its issuer a list must say. */
export interface ListIssuerFacts {
  /** Name, DER. */
  readonly name: Uint8Array;
  readonly signatureAlgorithm: SignatureAlgorithm;
}

/**
 * A certificate begins with `[0]` where a list has the INTEGER of its version: a signature over the one is none over the other. The name is this issuer's,
 * the times are in order.
 */
export function requireListHead(head: Uint8Array, issuer: ListIssuerFacts): void {
  const fields = DerReader.over(afterOuterHead(head));
  require(readSmallInteger(fields) === 1, 'it is a list of version 2', '5.1.2.1');
  const algorithm = encodeSignatureAlgorithm(issuer.signatureAlgorithm);
  require(equalBytes(fields.element(tags.sequence), algorithm), "its algorithm is that of the issuer's key", '5.1.1.2');
  require(equalBytes(fields.element(tags.sequence), issuer.name), "its issuer is the key's", '5.1.2.3');
  const [thisUpdate, nextUpdate] = [readTime(fields), readTime(fields)];
  require(thisUpdate < nextUpdate, 'its next update is after this one', '5.1.2.5');
}

/** The outermost length counts octets that are not in this piece, so that it can not be read as an element. */
function afterOuterHead(head: Uint8Array): Uint8Array {
  require(head[0] === tags.sequence, 'it is a SEQUENCE', '5.1.2');
  const length = head[1] ?? 0;
  return head.subarray(length < 0x80 ? 2 : 2 + (length & 0x7f));
}

function require(holds: boolean, rule: string, clause: string): void {
  if (!holds) throw new Refusal('CS-AUTHORITY-001', { rule: `revocation list: ${rule}`, clause: `RFC 5280 ${clause}` });
}
