/** `Client-Cert` and `Client-Cert-Chain` (RFC 9440): written for a caller, and read from a proxy that is believed. */
import { fromBase64, toBase64 } from '../../ground/encoding/index.ts';
import type { HeaderList } from '../relay/index.ts';
import type { CheckedCaller } from './forwarded-peer.ts';
import { keptForCaller } from './kept-for-caller.ts';

const leafItem = keptForCaller((caller) => byteSequence(caller.certificate));

/** @param issuers in TLS's order, without the leaf (2.3); empty or absent: no header of it */
export function clientCertHeaders(caller: CheckedCaller, issuers: readonly Uint8Array[] = []): HeaderList {
  const leaf = ['client-cert', leafItem(caller)] as const;
  return issuers.length === 0 ? [leaf] : [leaf, ['client-cert-chain', issuers.map(byteSequence).join(', ')]];
}

/** RFC 9651, 4.1.8. */
function byteSequence(bytes: Uint8Array): string {
  return `:${toBase64(bytes)}:`;
}

/** Characters of a header; the longest certificates and chains of our profiles are a tenth of it. Own choice, below node:http's own limit. */
const mostCharacters = 64 * 1024;

/** Certificates beside the leaf. Path building stops at 6 intermediates. */
const mostIssuers = 8;

/** @returns the certificate's DER, or `undefined` where the value is not exactly one byte sequence without parameters */
export function parseClientCert(value: string): Uint8Array | undefined {
  return parseByteSequence(value.trim());
}

/** @returns the certificates in their order, or `undefined` where the value is no list of byte sequences */
export function parseClientCertChain(value: string): readonly Uint8Array[] | undefined {
  if (value.length > mostCharacters) return undefined;
  const members = value.split(',').map((member) => parseByteSequence(member.trim()));
  if (members.length > mostIssuers) return undefined;
  const found = members.filter((member) => member !== undefined);
  return found.length === members.length ? found : undefined;
}

/** Canonical base64 alone: RFC 9651 lets a parser be lax, and two texts of one certificate serve nobody. */
function parseByteSequence(text: string): Uint8Array | undefined {
  if (text.length < 3 || text.length > mostCharacters || !text.startsWith(':') || !text.endsWith(':')) return undefined;
  return fromBase64(text.slice(1, -1));
}
