/** Who presented a certificate to a proxy that is believed. Less than a `VerifiedPeer`: that the caller held the key is the proxy's word. */
import type { DistinguishedName } from '../../identity/x509/index.ts';
import { isVerifiedPeer, type VerifiedPeer } from '../../runtime/tls/index.ts';

const minting = Symbol('minted where headers are taken in');

export class ForwardedPeer {
  /** A brand that no look-alike has; and what path validation said of the certificate, which never leaves. */
  readonly #validated: VerifiedPeer;
  /** Whose word it is: the peer of the connection. */
  readonly proxy: VerifiedPeer;

  /** Not for callers: `takeIn` alone holds the token. */
  constructor(token: symbol, validated: VerifiedPeer, proxy: VerifiedPeer) {
    if (token !== minting) throw new TypeError('only takeIn makes a ForwardedPeer');
    this.#validated = validated;
    this.proxy = proxy;
    Object.freeze(this);
  }

  static isMinted(value: unknown): value is ForwardedPeer {
    return typeof value === 'object' && value !== null && #validated in value;
  }

  get spiffeId(): string | undefined {
    return this.#validated.spiffeId;
  }

  get trustDomain(): string {
    return this.#validated.trustDomain;
  }

  get dnsNames(): readonly string[] {
    return this.#validated.dnsNames;
  }

  get ipAddresses(): readonly string[] {
    return this.#validated.ipAddresses;
  }

  get uris(): readonly string[] {
    return this.#validated.uris;
  }

  get subject(): DistinguishedName | undefined {
    return this.#validated.subject;
  }

  get spkiPin(): string {
    return this.#validated.spkiPin;
  }

  get serialNumber(): string {
    return this.#validated.serialNumber;
  }

  get issuerKey(): string {
    return this.#validated.issuerKey;
  }

  get thumbprint(): string {
    return this.#validated.thumbprint;
  }

  get certificate(): Uint8Array {
    return this.#validated.certificate;
  }

  get notAfter(): number {
    return this.#validated.notAfter;
  }

  get revocationKeys(): readonly string[] {
    return this.#validated.revocationKeys;
  }

  get name(): string {
    return this.#validated.name;
  }
}

/** For `takeIn` alone; not published by the door. */
export function mintForwardedPeer(validated: VerifiedPeer, proxy: VerifiedPeer): ForwardedPeer {
  const known = minted.get(proxy) ?? new WeakMap<VerifiedPeer, ForwardedPeer>();
  minted.set(proxy, known);
  const peer = known.get(validated) ?? new ForwardedPeer(minting, validated, proxy);
  known.set(validated, peer);
  validatedBy.set(peer, validated);
  return peer;
}

/** For this room alone: who holds it could take the caller for one that proved its key. */
export function validatedOf(peer: ForwardedPeer): VerifiedPeer {
  const validated = validatedBy.get(peer);
  if (validated === undefined) throw new TypeError('only takeIn makes a ForwardedPeer');
  return validated;
}

const validatedBy = new WeakMap<ForwardedPeer, VerifiedPeer>();

/** The same object for as long as both paths stand: what is remembered of a peer is remembered by it. */
const minted = new WeakMap<VerifiedPeer, WeakMap<VerifiedPeer, ForwardedPeer>>();

export function isForwardedPeer(value: unknown): value is ForwardedPeer {
  return ForwardedPeer.isMinted(value);
}

/** Who may be named to an upstream: nobody who was not checked. */
export type CheckedCaller = VerifiedPeer | ForwardedPeer;

/** @throws TypeError for a look-alike: plain JavaScript ignores types */
export function requireChecked(caller: CheckedCaller): void {
  if (!isVerifiedPeer(caller) && !isForwardedPeer(caller))
    throw new TypeError('only a VerifiedPeer or a ForwardedPeer is named to an upstream');
}
