/** The peer's certificates as the session holds them, read once: DER, never Node's own reading of names. */
import type { TLSSocket } from 'node:tls';

/** `X509Certificate` of node:crypto. */
type NodeCertificate = NonNullable<ReturnType<TLSSocket['getPeerX509Certificate']>>;

/** More are not walked; path building stops at 6 intermediates. */
const mostPresented = 8;

export interface PresentedChain {
  readonly leaf: Uint8Array;
  /** What came beside the leaf, as far as the runtime exposes it (24.21 exposes nothing on a server). */
  others(): readonly Uint8Array[];
}

/** `undefined` where the peer presented no certificate. */
export function presentedChain(socket: TLSSocket): PresentedChain | undefined {
  const leaf = socket.getPeerX509Certificate();
  if (leaf === undefined) return undefined;
  return { leaf: bytesOf(leaf), others: () => issuersOf(leaf) };
}

function issuersOf(leaf: NodeCertificate): readonly Uint8Array[] {
  const found: Uint8Array[] = [];
  let certificate = leaf.issuerCertificate;
  while (certificate !== undefined && found.length < mostPresented) {
    found.push(bytesOf(certificate));
    certificate = certificate.issuerCertificate;
  }
  return found;
}

function bytesOf(certificate: NodeCertificate): Uint8Array {
  return new Uint8Array(certificate.raw);
}
