/** The policy: the peer's certificate has this subject. */
import { DerReader } from '../../ground/encoding/index.ts';
import { DistinguishedName, parseNameText, readName } from '../x509/index.ts';
import { makePolicy, type PeerPolicy } from './peer-policy.ts';

/**
 * Compared as names are (RFC 5280, 7.1), part by part and never as text: `CN=web,O=Shop` is no other name that only reads like it.
 * Only a certificate of the home trust domain is believed about its subject.
 * @param name whole, as RFC 4514 writes it (the most specific part first), or as it was read from a certificate
 * @throws CS-X509-004 where the text is no such name @throws TypeError for the empty name, which says nothing
 */
export function subject(name: string | DistinguishedName): PeerPolicy {
  if (typeof name !== 'string' && !(name instanceof DistinguishedName))
    throw new TypeError('a subject is given as text (RFC 4514) or as a DistinguishedName');
  // Read anew from a copy: what the policy says must not change with octets that its caller holds.
  const read = typeof name === 'string' ? parseNameText(name) : readName(DerReader.over(name.raw.slice()));
  if (read.isEmpty) throw new TypeError('the empty name is no subject that a policy could ask for');
  if (hidesCharacters(read)) throw new TypeError('a subject with characters that nobody sees fits no peer');
  return makePolicy({ kind: 'subject', name: read });
}

/**
 * Whether a value holds controls or format characters. Comparing drops most of them (RFC 4518, 2.2), so that a subject with a NUL in it would
 * be the same as one without; no honest one has any, and none that has is let in.
 */
export function hidesCharacters(name: DistinguishedName): boolean {
  return name.relativeNames.some((attributes) => attributes.some(({ text }) => /[\p{Cc}\p{Cf}]/u.test(text ?? '')));
}
