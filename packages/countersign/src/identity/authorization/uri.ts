/** The policy: the peer's certificate carries exactly this URI name. */
import { makePolicy, type PeerPolicy } from './peer-policy.ts';

/** A scheme (RFC 3986, 3.1), then what a URI is written with; a certificate holds it as such (RFC 5280, 4.2.1.6). */
const absoluteUri = /^[A-Za-z][A-Za-z0-9+.-]*:[\x21-\x7e]+$/;

/**
 * Compared octet for octet: nothing is decoded, folded or normalized. Only a certificate of the home trust domain is believed about its URI names.
 * @throws TypeError where `text` is no absolute URI, or a SPIFFE ID: that is written with `spiffeId`
 */
export function uri(text: string): PeerPolicy {
  if (typeof text !== 'string' || !absoluteUri.test(text))
    throw new TypeError(`${JSON.stringify(text)} is not an absolute URI, such as urn:example:web`);
  refuseSpiffeId(text);
  return makePolicy({ kind: 'uri', uri: text });
}

/** A SPIFFE ID counts for each trust domain that is known, a URI name for the home one alone: two policies that must not be mixed up. */
export function refuseSpiffeId(text: string): void {
  if (/^spiffe:/i.test(text))
    throw new TypeError(`${JSON.stringify(text)} is a SPIFFE ID: give spiffeId() or spiffeIdPattern()`);
}
