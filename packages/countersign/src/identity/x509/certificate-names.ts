/** Whether an end-entity certificate carries a name that somebody asked for: DNS, IP or URI, exactly. */
import { Refusal } from '../../ground/errors/index.ts';
import type { Certificate } from './certificate.ts';
import { otherKinds } from './general-names.ts';
import { formatIpAddress, parseIpAddress } from './ip-address.ts';

/** Refuses a certificate without the name. Subject common names are never looked at (RFC 9525, 2); a wildcard matches nothing here. */
export function certificateCarriesName(certificate: Certificate, name: string): void {
  const { dns, uri, ip } = certificate.subjectAltName;
  if (carries(certificate, name)) return;
  throw new Refusal('CS-PATH-010', { name, found: [...dns, ...uri, ...ip, ...otherKinds(certificate.subjectAltName)] });
}

function carries(certificate: Certificate, name: string): boolean {
  const { dns, uri, ip } = certificate.subjectAltName;
  const octets = parseIpAddress(name);
  // An address is compared as octets and never with DNS names (RFC 9525, 6.5).
  if (octets !== undefined) return ip.includes(formatIpAddress(octets) ?? name);
  if (name.includes('://')) return uri.includes(name);
  return dns.some((candidate) => asciiLowerCase(candidate) === asciiLowerCase(name));
}

/** Letters of ASCII alone: elsewhere two characters can share one lower case (the Kelvin sign and "k"). */
function asciiLowerCase(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}
