/** Names as plain data: each kind with its list, octets in hexadecimal digits. */
import { toHex } from '../../ground/encoding/index.ts';
import { attributeName, type DistinguishedName, type GeneralNames } from '../../identity/x509/index.ts';
import type { NameAttributeData } from './described.ts';

export function plainNames(names: GeneralNames): Readonly<Record<string, readonly unknown[]>> {
  return {
    dns: names.dns,
    uri: names.uri,
    ip: names.ip,
    email: names.email,
    directory: names.directory.map(({ text }) => text),
    registeredId: names.registeredId,
    otherName: names.otherName.map(({ type, value }) => ({ type, value: toHex(value) })),
    x400: names.x400.map(toHex),
    ediParty: names.ediParty.map(toHex),
  };
}

/** What a person knows as names. */
export function allNames({ dns, uri, ip, email }: GeneralNames): string[] {
  return [...dns, ...uri, ...ip, ...email];
}

export function plainAttributes(name: DistinguishedName): NameAttributeData[] {
  return name.relativeNames.flatMap((attributes) =>
    attributes.map(({ oid, text, value }) => ({
      oid,
      name: attributeName(oid) ?? null,
      text: text ?? null,
      value: toHex(value),
    })),
  );
}
