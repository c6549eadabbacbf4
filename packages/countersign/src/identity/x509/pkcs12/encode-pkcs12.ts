/** A PKCS#12 file (RFC 7292) written: PBES2 with AES-256, and PBMAC1 or the classic MAC with SHA-256. */
import {
  contextConstructed,
  encodeElement,
  encodeExplicit,
  encodeImplicit,
  encodeInteger,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  encodeSetOf,
  tags,
} from '../../../ground/encoding/index.ts';
import { KeyDeriver } from '../pkcs8/key-deriver.ts';
import type { Password } from '../pkcs8/password.ts';
import type { PasswordCryptography } from '../pkcs8/password-cryptography.ts';
import { newDerivation, sealPbes2 } from '../pkcs8/pbes2.ts';
import { encodePrivateKeyInfo } from '../pkcs8/private-key-info.ts';
import type { Pkcs12Attributes, Pkcs12Item } from './items.ts';
import { encodeClassicMac, encodePbmac1 } from './mac.ts';
import { attributeTypes, bagTypes, contentTypes, valueTypes } from './object-identifiers.ts';

export interface Pkcs12WriteOptions {
  /** `null` is no password, `''` an empty one; neither protects anything, and some readers want one or the other. */
  readonly password: Password;
  /** Of PBKDF2-HMAC-SHA256, for the encryption and for PBMAC1; default 600,000. .NET's loader stops at 300,000. */
  readonly iterations?: number;
  /**
   * Default PBMAC1 (RFC 9579), which OpenSSL reads from 3.4 and Java from 26. OpenSSL before that, Java, Windows and Go's
   * libraries want `HMAC-SHA-256`, whose key costs an attacker less to guess.
   */
  readonly mac?: 'PBMAC1' | 'HMAC-SHA-256';
}

export function encodePkcs12(
  items: readonly Pkcs12Item[],
  cryptography: PasswordCryptography,
  { password, iterations, mac = 'PBMAC1' }: Pkcs12WriteOptions,
): Uint8Array {
  const stretching = { kdf: 'PBKDF2', ...(iterations === undefined ? {} : { iterations }) } as const;
  // Who writes chooses the costs himself: the limits are for what others wrote.
  const deriver = new KeyDeriver(password, cryptography, { mostWork: Infinity });
  // One salt, hence one derivation, for all that is encrypted, each with its own IV; the MAC has its own.
  const derivation = newDerivation(stretching, cryptography);
  const seal = (plaintext: Uint8Array): ReturnType<typeof sealPbes2> => sealPbes2(deriver, derivation, plaintext);
  const keys = items.filter((item) => item.kind === 'key');
  const others = items.filter((item) => item.kind !== 'key');
  const safes: Uint8Array[] = [];
  if (others.length > 0) safes.push(encryptedSafe(seal(encodeSequence(...others.map(encodeBag)))));
  if (keys.length > 0) safes.push(plainSafe(encodeSequence(...keys.map((item) => encodeKeyBag(item, seal)))));
  const content = encodeSequence(...safes);
  const macData =
    mac === 'PBMAC1'
      ? encodePbmac1(deriver, newDerivation(stretching, cryptography), content)
      : encodeClassicMac(deriver, content);
  return encodeSequence(encodeInteger(3), plainSafe(content), macData);
}

/** ContentInfo of type data. */
function plainSafe(content: Uint8Array): Uint8Array {
  return encodeSequence(encodeOid(contentTypes.data), encodeExplicit(0, encodeOctetString(content)));
}

/** ContentInfo of type encryptedData (RFC 5652, 8). */
function encryptedSafe({ identifier, ciphertext }: ReturnType<typeof sealPbes2>): Uint8Array {
  const info = encodeSequence(encodeOid(contentTypes.data), identifier, encodeImplicit(0, ciphertext));
  const data = encodeSequence(encodeInteger(0), info);
  return encodeSequence(encodeOid(contentTypes.encryptedData), encodeExplicit(0, data));
}

function encodeKeyBag(
  item: Pkcs12Item & { readonly kind: 'key' },
  seal: (plaintext: Uint8Array) => ReturnType<typeof sealPbes2>,
): Uint8Array {
  const { identifier, ciphertext } = seal(encodePrivateKeyInfo(item.key));
  return bag(bagTypes.shroudedKey, encodeSequence(identifier, encodeOctetString(ciphertext)), item);
}

function encodeBag(item: Exclude<Pkcs12Item, { readonly kind: 'key' }>): Uint8Array {
  if (item.kind === 'other') return bag(item.bagType, item.der, item);
  const [bagType, valueType] =
    item.kind === 'certificate'
      ? [bagTypes.certificate, valueTypes.x509Certificate]
      : [bagTypes.crl, valueTypes.x509Crl];
  const value = encodeSequence(encodeOid(valueType), encodeExplicit(0, encodeOctetString(item.der)));
  return bag(bagType, value, item);
}

function bag(bagType: string, value: Uint8Array, attributes: Pkcs12Attributes): Uint8Array {
  return encodeSequence(encodeOid(bagType), encodeElement(contextConstructed(0), value), encodeAttributes(attributes));
}

function encodeAttributes({ friendlyName, localKeyId, otherAttributes = [] }: Pkcs12Attributes): Uint8Array {
  const attributes = otherAttributes.map(({ oid, values }) => encodeAttribute(oid, values));
  if (friendlyName !== undefined) {
    attributes.push(encodeAttribute(attributeTypes.friendlyName, [encodeBmpString(friendlyName)]));
  }
  if (localKeyId !== undefined) {
    attributes.push(encodeAttribute(attributeTypes.localKeyId, [encodeOctetString(localKeyId)]));
  }
  return attributes.length === 0 ? new Uint8Array() : encodeSetOf(attributes);
}

function encodeAttribute(oid: string, values: readonly Uint8Array[]): Uint8Array {
  return encodeSequence(encodeOid(oid), encodeSetOf(values));
}

/** Characters beyond U+FFFF as pairs, for which BMPString itself has no place (X.680, 41.15). */
function encodeBmpString(text: string): Uint8Array {
  if (!text.isWellFormed()) throw new TypeError('a friendlyName is whole characters');
  const unit = (at: number): number => text.charCodeAt(at >> 1);
  const octets = Uint8Array.from({ length: 2 * text.length }, (_, at) => (at % 2 === 0 ? unit(at) >> 8 : unit(at)));
  return encodeElement(tags.bmpString, octets);
}
