/** The other end of a connection after every check has passed. Only the peer verifier makes one. */
import { type DistinguishedName, parseCertificate } from '../../../identity/x509/index.ts';
import { sha256Hex } from '../../cryptography/index.ts';

export interface VerifiedPeerFields {
  readonly spiffeId?: string | undefined;
  readonly trustDomain: string;
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly uris: readonly string[];
  readonly emails: readonly string[];
  /** Whether the trust domain vouches for the subject: the home one alone does. */
  readonly hasSubject: boolean;
  readonly serialNumber: string;
  readonly issuerKey: string;
  readonly thumbprint: string;
  /** DER. */
  readonly certificate: Uint8Array;
  readonly notAfter: number;
  readonly epoch: number;
  readonly revocationKeys: readonly string[];
}

const minting = Symbol('minted by the peer verifier');

export class VerifiedPeer {
  /** A brand that no look-alike has, whatever its members: types are erased, this is not. */
  readonly #minted = true;
  readonly #certificate: Uint8Array;
  readonly #hasSubject: boolean;
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
    this.dnsNames = Object.freeze([...fields.dnsNames]);
    this.ipAddresses = Object.freeze([...fields.ipAddresses]);
    this.uris = Object.freeze([...fields.uris]);
    this.emails = Object.freeze([...fields.emails]);
    this.#hasSubject = fields.hasSubject;
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
    if (!this.#hasSubject) return undefined;
    // Of a copy, so that its octets are not those of `certificate`.
    this.#subject ??= parseCertificate(this.certificate).subject;
    return this.#subject;
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
}

/** For the peer verifier alone; not published by the door. */
export function mintVerifiedPeer(fields: VerifiedPeerFields): VerifiedPeer {
  return new VerifiedPeer(minting, fields);
}

/** Whether the peer verifier made `value`. */
export function isVerifiedPeer(value: unknown): value is VerifiedPeer {
  return VerifiedPeer.isMinted(value);
}
