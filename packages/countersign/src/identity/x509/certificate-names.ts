/** Whether an end-entity certificate carries a name that somebody asked for: DNS, IP, URI or mailbox, exactly. */
import { Refusal } from '../../ground/errors/index.ts';
import type { Certificate } from './certificate.ts';
import { otherKinds } from './general-names.ts';
import { carriesPeerName, peerNameOf } from './names/peer-name.ts';

/** Refuses a certificate without the name. Subject common names are never looked at (RFC 9525, 2); a wildcard matches nothing here. */
export function certificateCarriesName(certificate: Certificate, name: string): void {
  if (carriesPeerName(certificate, peerNameOf(name), () => false)) return;
  const { dns, uri, ip } = certificate.subjectAltName;
  throw new Refusal('CS-PATH-010', { name, found: [...dns, ...uri, ...ip, ...otherKinds(certificate.subjectAltName)] });
}
