/** An identity header that comes in counts from a proxy alone that was itself verified and is named in the configuration; from all others it is nothing. */
import type { Clock } from '../../ground/clock/index.ts';
import { isRefusal, Refusal } from '../../ground/errors/index.ts';
import { decide, type PeerPolicy } from '../../identity/authorization/index.ts';
import { sha256Hex, thumbprint } from '../../runtime/cryptography/index.ts';
import { isVerifiedPeer, type PeerVerifier, type VerifiedPeer } from '../../runtime/tls/index.ts';
import { parseClientCert, parseClientCertChain } from './client-cert.ts';
import { type ForwardedPeer, mintForwardedPeer } from './forwarded-peer.ts';
import { identityHeader } from './identity-signer.ts';
import { parseClientCertificate } from './parse-client-certificate.ts';
import { verifyForwardedIdentity } from './verify-forwarded-identity.ts';

/** One that is believed, and the one form in which: a proxy that does not take the others off could be made to pass them on. */
export interface TrustedProxy {
  readonly who: PeerPolicy;
  readonly form: 'rfc9440' | 'xfcc' | 'signed';
  /** For `signed`: what that gateway calls us, its SPIFFE ID, and its keys as they are now. */
  readonly signed?: {
    readonly audience: string;
    readonly issuer: string;
    readonly jwks: () => { readonly keys: readonly unknown[] };
  };
}

export interface TakeInOptions {
  readonly trustedProxies: readonly TrustedProxy[];
  /** For clients, under the bundles in which callers are believed; its policy says who may call at all. */
  readonly verifier: Pick<PeerVerifier, 'verify'>;
  readonly clock: Clock;
}

export interface IncomingRequest {
  readonly method: string;
  readonly host: string;
  readonly target: string;
  /** name, value, name, value, as node:http has them. */
  readonly rawHeaders: readonly string[];
}

/**
 * `direct`: the peer of the connection is no such proxy, and speaks for itself. `nobody`: it is one, and says that its caller showed no certificate;
 * the proxy's own rights are not the caller's.
 */
export type TakenIn =
  | { readonly kind: 'direct' }
  | { readonly kind: 'nobody'; readonly proxy: VerifiedPeer }
  | { readonly kind: 'forwarded'; readonly peer: ForwardedPeer };

/** @throws CS-GATEWAY-050 to -054 */
export function takeIn(
  connection: VerifiedPeer | undefined,
  request: IncomingRequest,
  options: TakeInOptions,
): TakenIn {
  if (connection === undefined || options.trustedProxies.length === 0) return { kind: 'direct' };
  if (!isVerifiedPeer(connection)) throw new TypeError('a proxy is believed as a VerifiedPeer alone');
  const trusted = options.trustedProxies.find(({ who }) => decide(who, connection).allowed);
  if (trusted === undefined) return { kind: 'direct' };
  const presented = presentedIn(connection, request, trusted, options.clock);
  if (presented === undefined) return { kind: 'nobody', proxy: connection };
  return { kind: 'forwarded', peer: mintForwardedPeer(validated(connection, presented, options.verifier), connection) };
}

interface Presented {
  readonly leaf: Uint8Array;
  readonly others: readonly Uint8Array[];
}

function presentedIn(
  proxy: VerifiedPeer,
  request: IncomingRequest,
  trusted: TrustedProxy,
  clock: Clock,
): Presented | undefined {
  switch (trusted.form) {
    case 'rfc9440':
      return inClientCert(proxy.name, request.rawHeaders);
    case 'xfcc':
      return inClientCertificate(proxy.name, request.rawHeaders);
    case 'signed':
      return inSignedIdentity(proxy.name, request, trusted, clock);
  }
}

function inClientCert(proxy: string, rawHeaders: readonly string[]): Presented | undefined {
  const [value, chainValue] = [one('client-cert', proxy, rawHeaders), one('client-cert-chain', proxy, rawHeaders)];
  if (value === undefined) {
    // RFC 9440, 2.3.
    if (chainValue !== undefined) throw malformed(proxy, 'client-cert-chain', 'never without client-cert');
    return undefined;
  }
  const leaf = parseClientCert(value);
  if (leaf === undefined) throw malformed(proxy, 'client-cert', 'one byte sequence of canonical base64');
  const others = chainValue === undefined ? [] : parseClientCertChain(chainValue);
  if (others === undefined) throw malformed(proxy, 'client-cert-chain', 'a list of at most 8 byte sequences');
  return { leaf, others };
}

const xfcc = 'x-forwarded-client-cert';

/** Several lines are one list (RFC 9110, 5.3), and of it the last element was written by the proxy next to us. */
function inClientCertificate(proxy: string, rawHeaders: readonly string[]): Presented | undefined {
  const value = valuesOf(xfcc, rawHeaders).at(-1);
  if (value === undefined) return undefined;
  const element = parseClientCertificate(value);
  if (typeof element === 'string') throw malformed(proxy, xfcc, element);
  const { certificate: leaf, issuers: others, hash } = element;
  if (leaf === undefined) throw new Refusal('CS-GATEWAY-051', { proxy, header: xfcc });
  if (hash !== undefined && hash !== sha256Hex(leaf)) throw malformed(proxy, xfcc, 'Hash is that of the certificate');
  return { leaf, others };
}

function inSignedIdentity(
  proxy: string,
  request: IncomingRequest,
  { signed }: TrustedProxy,
  clock: Clock,
): Presented | undefined {
  if (signed === undefined) throw new TypeError('a proxy that signs is named with its issuer, audience and keys');
  const value = one(identityHeader, proxy, request.rawHeaders);
  if (value === undefined) return undefined;
  const { audience, issuer, jwks } = signed;
  const { method, host, target } = request;
  const identity = verifyForwardedIdentity(value, { method, host, target, audience, issuer, jwks: jwks(), clock });
  const { certificate: leaf } = identity;
  if (leaf === undefined) throw new Refusal('CS-GATEWAY-051', { proxy, header: identityHeader });
  if (thumbprint(leaf) !== identity.thumbprint) throw malformed(proxy, identityHeader, 'cnf is of the certificate');
  return { leaf, others: [] };
}

/** The same path validation, revocations and policy as for who connects here; nothing of it is proof that the caller held the key. */
function validated(
  proxy: VerifiedPeer,
  { leaf, others }: Presented,
  verifier: TakeInOptions['verifier'],
): VerifiedPeer {
  try {
    return verifier.verify([leaf, ...others]);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    throw new Refusal(
      'CS-GATEWAY-052',
      { proxy: proxy.name, code: error.code, because: error.title },
      { cause: error },
    );
  }
}

/** Under exactly this name: another spelling is no header of the proxy's. */
function valuesOf(name: string, rawHeaders: readonly string[]): readonly string[] {
  return rawHeaders.flatMap((given, at) =>
    at % 2 === 0 && given.toLowerCase() === name ? [rawHeaders[at + 1] ?? ''] : [],
  );
}

function one(name: string, proxy: string, rawHeaders: readonly string[]): string | undefined {
  const values = valuesOf(name, rawHeaders);
  if (values.length > 1) throw malformed(proxy, name, 'it comes once');
  return values[0];
}

function malformed(proxy: string, header: string, rule: string): Refusal {
  return new Refusal('CS-GATEWAY-050', { proxy, header, rule });
}
