/** One object as data: the kind names the event of --json, the other fields are what it says and what the text is made from. */
import type { PublicKeyData } from './describe-key.ts';
import type { ExtensionData } from './describe-extensions.ts';
import type { RevocationMeansData } from './revocation-means.ts';

export interface CertificateData {
  readonly kind: 'certificate';
  readonly version: number;
  readonly subject: string;
  readonly subjectAttributes: readonly NameAttributeData[];
  /** DNS names, URIs, addresses and mailboxes, in this order. */
  readonly names: readonly string[];
  readonly subjectAltName: Readonly<Record<string, readonly unknown[]>>;
  readonly issuer: string;
  readonly issuerAttributes: readonly NameAttributeData[];
  readonly serial: string;
  readonly notBefore: string;
  readonly notAfter: string;
  readonly publicKey: PublicKeyData;
  readonly authority: boolean;
  readonly pathLength: number | null;
  readonly keyUsage: readonly string[] | null;
  readonly extendedKeyUsage: readonly string[] | null;
  readonly signatureAlgorithm: string;
  readonly signature: string;
  readonly subjectKeyIdentifier: string | null;
  readonly authorityKeyIdentifier: string | null;
  readonly extensions: readonly ExtensionData[];
  /** Of an end-entity certificate; `null` for an authority's. */
  readonly revocation: RevocationMeansData | null;
  readonly sha256: string;
  /** `x5t#S256`. */
  readonly thumbprint: string;
  readonly selfIssued: boolean;
  /** The key inside made the signature. */
  readonly selfSigned: boolean;
  /** The rules of RFC 5280 that it breaks, for which nobody here accepts it. */
  readonly faults: readonly string[];
  /** Only where it is one of several certificates of its input. */
  readonly issuedBy?: IssuedBy;
  /** What a person should know, the worst first. */
  readonly remarks: readonly string[];
}

/** Whether a key made a signature, where that is verified here. */
export type Issued = 'yes' | 'no' | 'not known';

/** Who issued a certificate, of those beside it. */
export interface IssuedBy {
  /** Where in the input (`index`) its issuer stands, verified by its key; `null` where none of them is it, or it signed itself. */
  readonly index: number | null;
  /** Whether the certificate after it is its issuer; `null` for the last one, and where nothing here verifies the signature. */
  readonly next: boolean | null;
}

/** One AttributeTypeAndValue. */
export interface NameAttributeData {
  readonly oid: string;
  readonly name: string | null;
  readonly text: string | null;
  /** DER, in hexadecimal digits. */
  readonly value: string;
}

export interface RequestData {
  readonly kind: 'request';
  readonly version: number;
  readonly subject: string;
  readonly subjectAttributes: readonly NameAttributeData[];
  readonly names: readonly string[];
  readonly subjectAltName: Readonly<Record<string, readonly unknown[]>>;
  readonly publicKey: PublicKeyData;
  readonly signatureAlgorithm: string;
  readonly signature: string;
  readonly signedByItsKey: boolean;
  readonly extensions: readonly ExtensionData[];
  readonly sha256: string;
  readonly remarks: readonly string[];
}

export interface RevokedData {
  readonly serial: string;
  readonly revocationDate: string;
  readonly reason: string | null;
  readonly invalidityDate: string | null;
  readonly holdInstruction: string | null;
  /** Where it is another than the list's. */
  readonly certificateIssuer: readonly string[] | null;
}

export interface RevocationListData {
  readonly kind: 'revocation-list';
  readonly version: number;
  readonly issuer: string;
  readonly thisUpdate: string;
  readonly nextUpdate: string | null;
  /** For how long what is revoked after it was made may be accepted because of it; null where it does not say. */
  readonly worstSeconds: number | null;
  /** Hexadecimal digits, as are the serial numbers. */
  readonly crlNumber: string | null;
  readonly baseCrlNumber: string | null;
  readonly authorityKeyIdentifier: string | null;
  readonly covers: readonly string[];
  readonly entries: number;
  readonly revoked: readonly RevokedData[];
  readonly signatureAlgorithm: string;
  readonly signature: string;
  readonly extensions: readonly ExtensionData[];
  readonly sha256: string;
  readonly remarks: readonly string[];
}

export interface CertIdData {
  readonly serial: string;
  readonly hashAlgorithm: string;
  readonly issuerNameHash: string;
  readonly issuerKeyHash: string;
}

export interface OcspRequestData {
  readonly kind: 'ocsp-request';
  readonly requests: readonly (CertIdData & { readonly extensions: readonly ExtensionData[] })[];
  readonly requestorName: Readonly<Record<string, readonly unknown[]>> | null;
  readonly nonce: string | null;
  readonly extensions: readonly ExtensionData[];
  readonly signatureAlgorithm: string | null;
  readonly signature: string | null;
  readonly certificates: readonly CertificateSummary[];
  readonly sha256: string;
  readonly remarks: readonly string[];
}

export interface CertificateSummary {
  readonly subject: string | null;
  readonly notAfter: string | null;
  readonly sha256: string;
}

export interface SingleResponseData extends CertIdData {
  readonly status: 'good' | 'revoked' | 'unknown';
  readonly revocationTime: string | null;
  readonly reason: string | null;
  readonly thisUpdate: string;
  readonly nextUpdate: string | null;
  /** For how long what is revoked after it was made may be accepted because of it; null where it does not say. */
  readonly worstSeconds: number | null;
  readonly archiveCutoff: string | null;
  readonly extensions: readonly ExtensionData[];
}

export interface OcspResponseData {
  readonly kind: 'ocsp-response';
  /** `successful`, or why there is no answer. */
  readonly status: string;
  readonly responder: string | null;
  readonly producedAt: string | null;
  readonly responses: readonly SingleResponseData[];
  readonly nonce: string | null;
  readonly extensions: readonly ExtensionData[];
  readonly signatureAlgorithm: string | null;
  readonly signature: string | null;
  readonly certificates: readonly CertificateSummary[];
  readonly sha256: string;
  readonly remarks: readonly string[];
}

export interface PrivateKeyData {
  readonly kind: 'private-key';
  /** "P-256"; `encrypted` where no passphrase opened it, `other` where no key of its kind is known. */
  readonly type: string;
  /** Whether keys of this kind are used here. */
  readonly usable: boolean;
  readonly publicKey?: PublicKeyData;
  /** Of one that was encrypted: what a person should know of how. */
  readonly weak?: readonly string[];
}

export interface PublicKeyObject {
  readonly kind: 'public-key';
  readonly publicKey: PublicKeyData;
}

export interface KeyParameters {
  readonly kind: 'key-parameters';
}

export interface Pkcs12Data {
  readonly kind: 'pkcs12';
  readonly certificates: number;
  readonly keys: number;
  readonly lists: number;
  /** Bags of other kinds, by their types; their contents may be secret. */
  readonly others: readonly string[];
  /** The MAC, or `nothing`. */
  readonly authenticatedBy: string;
  readonly weak: readonly string[];
}

export interface ServerData {
  readonly kind: 'server';
  readonly address: string;
  readonly remote: string;
  readonly serverName: string | null;
  readonly version: string;
  readonly cipher: string;
  readonly group: string | null;
  readonly alpn: string | null;
  readonly offered: readonly string[];
  readonly clientCertificate: 'not asked for' | 'asked for' | 'required';
  readonly clientAuthorities: readonly string[];
  readonly clientSignatureAlgorithms: readonly string[];
  readonly certificates: number;
  readonly stapled: boolean;
  /** Why the handshake was not finished, where it was not. */
  readonly unfinished: string | null;
  readonly remarks: readonly string[];
}

/** What a PKCS#12 file says of an object in it. */
export interface InPkcs12 {
  readonly friendlyName?: string;
  readonly localKeyId?: string;
}

export type Described = (
  | CertificateData
  | RequestData
  | RevocationListData
  | OcspRequestData
  | OcspResponseData
  | PrivateKeyData
  | PublicKeyObject
  | KeyParameters
  | Pkcs12Data
  | ServerData
) &
  InPkcs12;
