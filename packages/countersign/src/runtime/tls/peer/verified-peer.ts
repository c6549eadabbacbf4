/** The other end of a connection after every check has passed. Only the peer verifier makes one. */

export interface VerifiedPeerFields {
  readonly spiffeId?: string | undefined;
  readonly trustDomain: string;
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
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
  readonly spiffeId: string | undefined;
  readonly trustDomain: string;
  /** In lower case; only those of the home trust domain, as nothing scopes a DNS name. */
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
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
