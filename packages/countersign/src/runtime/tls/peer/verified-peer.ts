/** The other end of a connection after every check has passed. Only the peer verifier makes one. */
import type { PeerIdentity } from '../../../identity/authorization/index.ts';
import { type DistinguishedName, parseCertificate } from '../../../identity/x509/index.ts';
import { sha256Hex } from '../../cryptography/index.ts';

export interface VerifiedPeerFields {
  readonly spiffeId?: string | undefined;
  readonly trustDomain: string;
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly uris: readonly string[];
  readonly emails: readonly string[];
  readonly hasSubject: boolean;
  /** Whether it is of the home trust domain: names that no trust domain scopes are told of that one's peers alone. */
  readonly isHome: boolean;
  readonly serialNumber: string;
  readonly issuerKey: string;
  readonly thumbprint: string;
  /** DER. */
  readonly certificate: Uint8Array;
  readonly notAfter: number;
  readonly epoch: number;
  readonly revocationKeys: readonly string[];
}

/** A peer with all the names that its own trust domain vouches for: whoever compares one of them compares `trustDomain`, too. */
export interface CustomerIdentity extends PeerIdentity {
  readonly trustDomain: string;
}

const minting = Symbol('minted by the peer verifier');

export class VerifiedPeer {
  /** A brand that no look-alike has, whatever its members: types are erased, this is not. */
  readonly #minted = true;
  readonly #certificate: Uint8Array;
  readonly #hasSubject: boolean;
  /** Of another trust domain than the home one. */
  readonly #foreign: ForeignNames | undefined;
  #customer: CustomerIdentity | undefined;
  #spkiPin: string | undefined;
  #subject: DistinguishedName | undefined;
  readonly spiffeId: string | undefined;
  readonly trustDomain: string;
  /** In lower case; only those of the home trust domain, as nothing scopes a DNS name. */
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  /** Every URI name, octet for octet; only of the home trust domain. */
  readonly uris: readonly string[];
  /** Every mailbox (rfc822Name), octet for octet; only of the home trust domain. */
  readonly emails: readonly string[];
  /** Upper-case hex as OpenSSL prints it. */
  readonly serialNumber: string;
  /** Lower-case hex SHA-256 of the issuer's SubjectPublicKeyInfo. */
  readonly issuerKey: string;
  /** SHA-256 of the leaf's DER, base64url: the `x5t#S256` of RFC 8705. */
  readonly thumbprint: string;
  /** Milliseconds since 1970: the earliest notAfter of the path; its last second is still valid (RFC 5280, 4.1.2.5). */
  readonly notAfter: number;
  /** The trust epoch in which it was verified. */
  readonly epoch: number;
  /** `issuerKey:serialNumber` of each certificate of the path below the anchor: what a revocation is looked up by. */
  readonly revocationKeys: readonly string[];

  /** Not for callers: only the peer verifier holds the token. */
  constructor(token: symbol, fields: VerifiedPeerFields) {
    if (token !== minting) throw new TypeError('only the peer verifier makes a VerifiedPeer');
    this.spiffeId = fields.spiffeId;
    this.trustDomain = fields.trustDomain;
    const dnsNames = Object.freeze([...fields.dnsNames]);
    const ipAddresses = Object.freeze([...fields.ipAddresses]);
    const uris = Object.freeze([...fields.uris]);
    const isHome = fields.isHome;
    this.dnsNames = isHome ? dnsNames : none;
    this.ipAddresses = isHome ? ipAddresses : none;
    this.uris = isHome ? uris : none;
    this.emails = isHome ? Object.freeze([...fields.emails]) : none;
    this.#hasSubject = fields.hasSubject;
    this.#foreign = isHome ? undefined : { dnsNames, ipAddresses, uris };
    this.serialNumber = fields.serialNumber;
    this.issuerKey = fields.issuerKey;
    this.thumbprint = fields.thumbprint;
    this.#certificate = fields.certificate;
    this.notAfter = fields.notAfter;
    this.epoch = fields.epoch;
    this.revocationKeys = Object.freeze([...fields.revocationKeys]);
    Object.freeze(this);
  }

  static isMinted(value: unknown): value is VerifiedPeer {
    return typeof value === 'object' && value !== null && #minted in value && value.#minted;
  }

  /** The leaf, DER: a copy, since octets can not be frozen. */
  get certificate(): Uint8Array {
    return this.#certificate.slice();
  }

  /** Of a certificate of the home trust domain, where it is not empty. Read when it is asked for: few are. */
  get subject(): DistinguishedName | undefined {
    return this.#foreign === undefined ? this.#readSubject() : undefined;
  }

  /**
   * For who knows partners by their trust domain. Nothing else may go by it: any authority that is trusted here puts any DNS name, URI or subject into
   * what it issues.
   */
  get asCustomer(): CustomerIdentity {
    if (this.#foreign === undefined) return this;
    const readSubject = (): DistinguishedName | undefined => this.#readSubject();
    const readPin = (): string => this.spkiPin;
    this.#customer ??= Object.freeze({
      ...{ spiffeId: this.spiffeId, trustDomain: this.trustDomain, ...this.#foreign },
      get subject() {
        return readSubject();
      },
      get spkiPin() {
        return readPin();
      },
    });
    return this.#customer;
  }

  /** Lower-case hex SHA-256 of the SubjectPublicKeyInfo, of any trust domain. Computed when it is asked for: few are. */
  get spkiPin(): string {
    this.#spkiPin ??= sha256Hex(parseCertificate(this.#certificate).publicKey.raw);
    return this.#spkiPin;
  }

  /** The identity in one word: the SPIFFE ID, else the first name. */
  get name(): string {
    return this.spiffeId ?? this.dnsNames[0] ?? this.ipAddresses[0] ?? `serial ${this.serialNumber}`;
  }

  #readSubject(): DistinguishedName | undefined {
    if (!this.#hasSubject) return undefined;
    // Of a copy, so that its octets are not those of `certificate`.
    this.#subject ??= parseCertificate(this.certificate).subject;
    return this.#subject;
  }
}

type ForeignNames = Pick<CustomerIdentity, 'dnsNames' | 'ipAddresses' | 'uris'>;

const none: readonly string[] = Object.freeze([]);

/** For the peer verifier alone; not published by the door. */
export function mintVerifiedPeer(fields: VerifiedPeerFields): VerifiedPeer {
  return new VerifiedPeer(minting, fields);
}

/** Whether the peer verifier made `value`. */
export function isVerifiedPeer(value: unknown): value is VerifiedPeer {
  return VerifiedPeer.isMinted(value);
}
