/** A certification request as it comes from a client: read strictly, signed by its own key, asking for nothing that was not granted. */
import { parsePem } from '../../ground/encoding/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import {
  type CertificationRequest,
  type GeneralNames,
  otherKinds,
  parseCertificationRequest,
  type PublicKeyType,
  verifyCertificationRequest,
} from '../../identity/x509/index.ts';
import { verifyOnce } from '../../runtime/cryptography/index.ts';

/** RFC 7468, 7; the second is what older programs write. */
const labels: readonly string[] = ['CERTIFICATE REQUEST', 'NEW CERTIFICATE REQUEST'];

/** Keys that are certified. Our own choice: those that a handshake carries cheaply, and that this package makes itself. */
const keyTypes: readonly PublicKeyType[] = ['P-256', 'P-384', 'Ed25519'];

/** Of everything in a request only its key is used: names come from elsewhere, subject and other extensions are not looked at. */
export function readRequest(pem: string): CertificationRequest {
  const blocks = parsePem(pem);
  const [block] = blocks;
  if (block === undefined || blocks.length !== 1 || !labels.includes(block.label)) {
    const found = blocks.map(({ label }) => label).join(', ');
    throw new Refusal('CS-PEM-002', { expected: 'one CERTIFICATE REQUEST', found: found === '' ? 'nothing' : found });
  }
  const request = parseCertificationRequest(block.bytes);
  const { type, oid } = request.publicKey;
  if (!keyTypes.includes(type)) {
    // The remedy speaks of what is verified, which is more than what is certified.
    const certified = `this authority certifies ${keyTypes.join(', ')} alone`;
    throw new Refusal('CS-X509-002', { algorithm: `public key ${type} (${oid}); ${certified}` });
  }
  verifyCertificationRequest(request, verifyOnce);
  return request;
}

/** Names that are told: a request can hold a thousand, and a refusal goes into a log. Own choice. */
const mostShown = 10;

/** A request may repeat granted names; one that asks for another gets nothing rather than something else. Compared decoded, octet for octet. */
export function refuseOtherNames({ subjectAltName }: CertificationRequest, granted: readonly string[]): void {
  const others = allNames(subjectAltName).filter((name) => !granted.includes(name));
  if (others.length === 0) return;
  const more = others.length - mostShown;
  const asked = [...others.slice(0, mostShown), ...(more > 0 ? [`and ${String(more)} more`] : [])];
  throw new Refusal('CS-AUTHORITY-006', { asked, granted: [...granted] });
}

/** A name of a kind that is not read is not granted to anybody. */
function allNames(names: GeneralNames): string[] {
  const { dns, uri, ip } = names;
  return [...dns, ...uri, ...ip, ...otherKinds(names).map((kind) => `a name of the kind ${kind}`)];
}
