/** Signing a feed message: the authority's end. */
import { encodeFeedEnvelope, feedSignatureInput } from './feed-envelope.ts';
import type { FeedMessage } from './feed-message.ts';
import { encodeFeedPayload } from './feed-payload.ts';

export interface FeedSigner {
  /** The certificate of the feed's key (EKU feedSigning alone), DER. */
  readonly certificate: Uint8Array;
  /** What lies between it and the root, DER; default none, as followers hold the bundle's own. */
  readonly intermediates?: readonly Uint8Array[];
  /** Signs with that key: ECDSA with SHA-256 for P-256, with SHA-384 for P-384 (signatures in DER), or Ed25519. */
  readonly sign: (data: Uint8Array) => Uint8Array;
}

/** The text that goes into the `data` field of a server-sent event. */
export function signFeedMessage(message: FeedMessage, signer: FeedSigner): string {
  const payload = encodeFeedPayload(message);
  const { certificate, intermediates = [] } = signer;
  return encodeFeedEnvelope({
    payload,
    signature: signer.sign(feedSignatureInput(payload)),
    signer: certificate,
    intermediates,
  });
}
