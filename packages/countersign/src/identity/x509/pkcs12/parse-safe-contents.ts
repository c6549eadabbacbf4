/** SafeContents (RFC 7292, 4.2): the bags, each with its value and attributes. */
import { contextConstructed, DerReader, readObjectIdentifier, tags } from '../../../ground/encoding/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import { openPrivateKey } from '../pkcs8/encrypted-private-key-info.ts';
import type { KeyDeriver } from '../pkcs8/key-deriver.ts';
import { parsePrivateKeyInfo } from '../pkcs8/private-key-info.ts';
import type { Pkcs12Attribute, Pkcs12Attributes, Pkcs12Item } from './items.ts';
import { attributeTypes, bagTypes, valueTypes } from './object-identifiers.ts';
import { openWithPassword } from './password-encryption.ts';

export interface SafeContext {
  readonly deriver: KeyDeriver;
  /** Whether the bags themselves lie under encryption. */
  readonly encrypted: boolean;
  /** What is found weak is added. */
  readonly weak: Set<string>;
}

/** The items of one SafeContents; those of SafeContents inside it in their place. */
export function parseSafeContents(bags: DerReader, context: SafeContext): Pkcs12Item[] {
  const items: Pkcs12Item[] = [];
  while (!bags.done) {
    const bag = bags.enter(tags.sequence);
    const bagType = readObjectIdentifier(bag);
    const value = bag.enter(contextConstructed(0));
    if (bagType === bagTypes.safeContents) {
      items.push(...parseSafeContents(value.enter(tags.sequence), context));
      if (!bag.done) readAttributes(bag);
    } else {
      const der = value.element();
      items.push({ ...bagItem(bagType, der, context), ...(bag.done ? {} : readAttributes(bag)) });
    }
    value.finish();
    bag.finish();
  }
  return items;
}

function bagItem(bagType: string, der: Uint8Array, { deriver, encrypted, weak }: SafeContext): Pkcs12Item {
  const other = { kind: 'other', bagType, der } as const;
  switch (bagType) {
    case bagTypes.key:
      if (!encrypted) weak.add('a private key lies in the file unencrypted: whoever has the file has the key');
      return { kind: 'key', key: parsePrivateKeyInfo(der) };
    case bagTypes.shroudedKey: {
      const opened = openPrivateKey(der, deriver, openWithPassword);
      for (const one of opened.weak) weak.add(one);
      return { kind: 'key', key: opened.key };
    }
    case bagTypes.certificate: {
      const certificate = typedValue(der, valueTypes.x509Certificate);
      return certificate === undefined ? other : { kind: 'certificate', der: certificate };
    }
    case bagTypes.crl: {
      const crl = typedValue(der, valueTypes.x509Crl);
      return crl === undefined ? other : { kind: 'crl', der: crl };
    }
    default:
      return other;
  }
}

/** CertBag and CRLBag (RFC 7292, 4.2.3, 4.2.4): what the OCTET STRING holds, or `undefined` where it is of another type. */
function typedValue(der: Uint8Array, type: string): Uint8Array | undefined {
  const fields = DerReader.over(der, der.length).enter(tags.sequence);
  const oid = readObjectIdentifier(fields);
  const value = fields.enter(contextConstructed(0));
  fields.finish();
  if (oid !== type) return undefined;
  const contents = value.contents(tags.octetString);
  value.finish();
  const inner = DerReader.over(contents, contents.length);
  inner.element(tags.sequence);
  inner.finish();
  return contents;
}

/** A SET OF whose order nobody keeps to: PKCS#12 is BER (RFC 7292, 4). */
function readAttributes(bag: DerReader): Pkcs12Attributes {
  const set = bag.enter(tags.set);
  const seen = new Set<string>();
  const others: Pkcs12Attribute[] = [];
  let friendlyName: string | undefined;
  let localKeyId: Uint8Array | undefined;
  while (!set.done) {
    const attribute = set.enter(tags.sequence);
    const oid = readObjectIdentifier(attribute);
    if (seen.has(oid)) throw new Refusal('CS-PKCS-006', { rule: `attribute ${oid} twice in one bag (RFC 7292, 4.2)` });
    seen.add(oid);
    const values = attribute.enter(tags.set);
    attribute.finish();
    if (oid === attributeTypes.friendlyName) friendlyName = readFriendlyName(values);
    else if (oid === attributeTypes.localKeyId) localKeyId = values.contents(tags.octetString);
    else others.push({ oid, values: elementsOf(values) });
    values.finish();
  }
  return {
    ...(friendlyName === undefined ? {} : { friendlyName }),
    ...(localKeyId === undefined ? {} : { localKeyId }),
    ...(others.length === 0 ? {} : { otherAttributes: others }),
  };
}

/** A BMPString (RFC 2985, 5.5.1), with characters beyond U+FFFF as pairs where a maker writes them so. */
function readFriendlyName(values: DerReader): string {
  const { offset } = values;
  const contents = values.contents(tags.bmpString);
  try {
    return new TextDecoder('utf-16be', { fatal: true, ignoreBOM: true }).decode(contents);
  } catch {
    throw values.malformed('friendlyName that is no text', offset);
  }
}

function elementsOf(reader: DerReader): Uint8Array[] {
  const elements: Uint8Array[] = [];
  while (!reader.done) elements.push(reader.element());
  return elements;
}
