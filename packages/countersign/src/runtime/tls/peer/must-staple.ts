/** Certificates that promise a staple (RFC 7633, "must-staple"): a server that presents one and staples no good answer for it is refused, whatever else is asked. */
import { isRefusal, Refusal } from '../../../ground/errors/index.ts';
import { checkOcspResponse, type OcspAnswer } from '../../../identity/revocation/index.ts';
import {
  type Certificate,
  decodeExtension,
  extensionOids,
  parseOcspResponse,
  readTlsFeature,
  tlsFeatures,
  type ValidatedPath,
} from '../../../identity/x509/index.ts';
import { certIdHash, verifySignature } from '../../cryptography/index.ts';
import { revoked } from './revoked-peer.ts';

export function promisesStaple({ extensions }: Certificate): boolean {
  return (
    decodeExtension(extensions, extensionOids.tlsFeature, readTlsFeature)?.includes(tlsFeatures.statusRequest) === true
  );
}

/** Own choice: answers have 0.3 to 5 KB, with the certificates of a responder and post-quantum signatures. */
const mostStapleBytes = 64 * 1024;

export interface Stapled {
  readonly path: ValidatedPath;
  /** DER. */
  readonly staple: Uint8Array | undefined;
  /** What to call the server. */
  readonly peer: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** For a certificate that promises one. @throws CS-PEER-008, -020, -022 */
export function requireGoodStaple({ path: { certificates, anchor }, staple, peer, at }: Stapled): void {
  const [leaf, issuer = anchor] = certificates;
  if (leaf === undefined) throw new TypeError('a validated path begins with its end-entity certificate');
  const { serialNumber } = leaf;
  const broken = (reason: string, cause?: Refusal): Refusal =>
    new Refusal('CS-PEER-022', { peer, serialNumber, reason }, cause === undefined ? {} : { cause });
  if (staple === undefined) throw broken('the server stapled nothing');
  if (staple.length > mostStapleBytes) throw broken(`the staple is larger than ${mostStapleBytes} bytes`);
  const answer = answerIn(staple, (response) =>
    checkOcspResponse({ certificate: leaf, issuer, response, at, verifySignature, hash: certIdHash }),
  );
  if (answer.status === 'revoked') throw revoked(peer, serialNumber, answer);
  if (answer.status !== 'good') throw broken(answer.refusal.message, answer.refusal);
  const { responder } = answer;
  // RFC 6960, 4.2.2.2.1: nobody is asked here whether it is revoked itself.
  if (responder.kind === 'delegated' && responder.mustBeChecked)
    throw broken('its responder would have to be looked up itself: it has no id-pkix-ocsp-nocheck');
}

function answerIn(
  staple: Uint8Array,
  check: (response: ReturnType<typeof parseOcspResponse>) => OcspAnswer,
): OcspAnswer {
  try {
    return check(parseOcspResponse(staple));
  } catch (error) {
    if (isRefusal(error)) return { status: 'undetermined', refusal: error };
    throw error;
  }
}
