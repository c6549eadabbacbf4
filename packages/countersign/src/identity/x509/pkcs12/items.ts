/** What lies in a PKCS#12 file: keys, certificates, CRLs, each with its attributes, and what nobody here knows. */
import type { PrivateKeyInfo } from '../pkcs8/private-key-info.ts';

export interface Pkcs12Attributes {
  /** What a person calls it; Java's alias. */
  readonly friendlyName?: string;
  /** The same on a key and on its certificate. */
  readonly localKeyId?: Uint8Array;
  /** Others, kept as they are. */
  readonly otherAttributes?: readonly Pkcs12Attribute[];
}

export interface Pkcs12Attribute {
  /** Dotted. */
  readonly oid: string;
  /** The whole element of each value, DER. */
  readonly values: readonly Uint8Array[];
}

export type Pkcs12Item = Pkcs12Attributes &
  (
    | { readonly kind: 'certificate'; readonly der: Uint8Array }
    | { readonly kind: 'key'; readonly key: PrivateKeyInfo }
    | { readonly kind: 'crl'; readonly der: Uint8Array }
    /** A bag of another kind, a Java secret key or an SDSI certificate: `der` is its value, which may be secret. */
    | { readonly kind: 'other'; readonly bagType: string; readonly der: Uint8Array }
  );
