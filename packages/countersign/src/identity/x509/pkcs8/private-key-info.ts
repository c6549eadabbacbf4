/** A private key as PKCS#8 holds it: PrivateKeyInfo (RFC 5208) and OneAsymmetricKey (RFC 5958), read from DER and written. */
import {
  concatBytes,
  contextConstructed,
  contextPrimitive,
  DerReader,
  encodeBitString,
  encodeElement,
  encodeInteger,
  encodeOctetString,
  encodeSequence,
  readBitStringBytes,
  readSmallInteger,
  tags,
} from '../../../ground/encoding/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import {
  type AlgorithmIdentifier,
  encodeAlgorithmIdentifier,
  readAlgorithmIdentifier,
} from './algorithm-identifier.ts';

export interface PrivateKeyFields {
  readonly algorithm: AlgorithmIdentifier;
  /** What the OCTET STRING holds; its form is the algorithm's. */
  readonly privateKey: Uint8Array;
  /** Attribute, DER, each: Windows writes what a key is for. */
  readonly attributes?: readonly Uint8Array[];
  /** The public key's bits, which version 2 may bring along. */
  readonly publicKey?: Uint8Array;
}

/** The octets are no property, so that printing an object that holds one does not show the key. */
export class PrivateKeyInfo {
  readonly algorithm: AlgorithmIdentifier;
  readonly attributes: readonly Uint8Array[];
  readonly publicKey: Uint8Array | undefined;
  readonly #privateKey: Uint8Array;

  constructor({ algorithm, privateKey, attributes = [], publicKey }: PrivateKeyFields) {
    this.algorithm = algorithm;
    this.attributes = attributes;
    this.publicKey = publicKey;
    this.#privateKey = privateKey;
  }

  /** The secret itself. */
  privateKeyOctets(): Uint8Array {
    return this.#privateKey;
  }
}

export function parsePrivateKeyInfo(der: Uint8Array): PrivateKeyInfo {
  const outer = DerReader.over(der);
  const info = outer.enter(tags.sequence);
  outer.finish();
  const version = readSmallInteger(info);
  if (version > 1) throw broken('version other than 0 and 1 (RFC 5958, 2)');
  const algorithm = readAlgorithmIdentifier(info);
  const privateKey = info.contents(tags.octetString);
  const attributes: Uint8Array[] = [];
  if (info.peek() === contextConstructed(0)) {
    const members = info.enter(contextConstructed(0));
    while (!members.done) attributes.push(members.element(tags.sequence));
  }
  const hasPublicKey = info.peek() === contextPrimitive(1);
  const publicKey = hasPublicKey ? readBitStringBytes(info, contextPrimitive(1)) : undefined;
  info.finish();
  if (hasPublicKey && version === 0) throw broken('a public key in version 0 (RFC 5958, 2)');
  return new PrivateKeyInfo({ algorithm, privateKey, attributes, ...(publicKey === undefined ? {} : { publicKey }) });
}

export function encodePrivateKeyInfo(info: PrivateKeyInfo): Uint8Array {
  const { algorithm, attributes, publicKey } = info;
  const none = new Uint8Array();
  return encodeSequence(
    encodeInteger(publicKey === undefined ? 0 : 1),
    encodeAlgorithmIdentifier(algorithm),
    encodeOctetString(info.privateKeyOctets()),
    attributes.length === 0 ? none : encodeElement(contextConstructed(0), concatBytes(attributes)),
    publicKey === undefined ? none : retagged(encodeBitString(publicKey), contextPrimitive(1)),
  );
}

function retagged(element: Uint8Array, tag: number): Uint8Array {
  return Uint8Array.from(element, (octet, index) => (index === 0 ? tag : octet));
}

function broken(rule: string): Refusal {
  return new Refusal('CS-PKCS-006', { rule });
}
