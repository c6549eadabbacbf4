/** The SPIFFE ID of an X509-SVID, with the rules that its certificate must keep (X509-SVID, 2 to 4). */
import { Refusal } from '../../ground/errors/index.ts';
import type { Certificate } from '../x509/index.ts';
import { parseSpiffeId, type SpiffeId } from './spiffe-id.ts';

/** `undefined` for a certificate without any SPIFFE ID; one that carries an ID but breaks a rule is refused. */
export function svidId(certificate: Certificate): SpiffeId | undefined {
  const { uri } = certificate.subjectAltName;
  if (!uri.some((text) => /^spiffe:/i.test(text))) return undefined;
  const [text] = uri;
  if (text === undefined || uri.length > 1) throw broken(certificate, 'more than one URI name');
  const id = parseSpiffeId(text);
  if (id.path === '') throw broken(certificate, 'the ID of an end-entity has no path');
  if (certificate.basicConstraints?.ca === true) throw broken(certificate, 'cA is true');
  const usages = certificate.keyUsage;
  if (usages === undefined) throw broken(certificate, 'keyUsage is absent');
  if (!usages.includes('digitalSignature')) throw broken(certificate, 'keyUsage without digitalSignature');
  if (usages.includes('keyCertSign') || usages.includes('cRLSign'))
    throw broken(certificate, 'keyUsage of an authority');
  return id;
}

function broken(certificate: Certificate, rule: string): Refusal {
  return new Refusal('CS-SPIFFE-002', { subject: certificate.subjectAltName.uri.join(' ').slice(0, 200), rule });
}
