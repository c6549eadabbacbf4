/**
 * The signed form of a feed message: `payload.signature.signer`, each in base64url; the signer is a certificate in DER, and
 * certificates of authorities between it and the root may follow, so that a feed outlives a change of the issuer.
 * What is signed is a context string and the payload, so that a signature for anything else never counts as one of the feed.
 */
import { concatBytes, fromBase64Url, toBase64Url } from '../../ground/encoding/index.ts';
import { mostEnvelopeCharacters } from './limits.ts';
import { malformed } from './strict-fields.ts';

export interface FeedEnvelope {
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
  /** The signer's certificate, DER. */
  readonly signer: Uint8Array;
  /** Candidates for the path above it, DER. */
  readonly intermediates: readonly Uint8Array[];
}

/** Our own choice: one is the rule, two during a change. */
const mostIntermediates = 4;

const context = new TextEncoder().encode('countersign revocation feed, version 1\0');

/** The bytes that the feed's key signs. */
export function feedSignatureInput(payload: Uint8Array): Uint8Array {
  return concatBytes([context, payload]);
}

export function encodeFeedEnvelope({ payload, signature, signer, intermediates }: FeedEnvelope): string {
  return [payload, signature, signer, ...intermediates].map((part) => toBase64Url(part)).join('.');
}

/** @throws CS-FEED-001 */
export function parseFeedEnvelope(text: string): FeedEnvelope {
  if (text.length > mostEnvelopeCharacters)
    throw malformed(`a message has at most ${String(mostEnvelopeCharacters)} characters`);
  const parts = text.split('.', 3 + mostIntermediates + 1);
  if (parts.length > 3 + mostIntermediates) throw malformed('a message has at most four intermediates');
  const [payload, signature, signer, ...intermediates] = parts.map(decodePart);
  if (payload === undefined || signature === undefined || signer === undefined)
    throw malformed('a message has payload, signature and signer');
  return { payload, signature, signer, intermediates };
}

function decodePart(part: string): Uint8Array {
  if (part === '') throw malformed('no part of a message is empty');
  const bytes = fromBase64Url(part);
  if (bytes === undefined) throw malformed('each part of a message is base64url');
  return bytes;
}
