/** The attribute types of distinguished names, by their short names (RFC 4514, 3; RFC 5280, A.1; RFC 4519; ETSI EN 319 412-1). */

interface AttributeType {
  readonly oid: string;
  /** As it is written; the first for an object identifier is how it is shown. */
  readonly name: string;
  /** The string that it must be written as (RFC 5280, A.1); UTF8String where nothing else is said. */
  readonly string?: 'printable' | 'ia5';
}

const types: readonly AttributeType[] = [
  { oid: '2.5.4.3', name: 'CN' },
  { oid: '2.5.4.4', name: 'SN' },
  { oid: '2.5.4.5', name: 'serialNumber', string: 'printable' },
  { oid: '2.5.4.6', name: 'C', string: 'printable' },
  { oid: '2.5.4.7', name: 'L' },
  { oid: '2.5.4.8', name: 'ST' },
  { oid: '2.5.4.9', name: 'STREET' },
  { oid: '2.5.4.10', name: 'O' },
  { oid: '2.5.4.11', name: 'OU' },
  { oid: '2.5.4.12', name: 'title' },
  { oid: '2.5.4.17', name: 'postalCode' },
  { oid: '2.5.4.41', name: 'name' },
  { oid: '2.5.4.42', name: 'GN' },
  { oid: '2.5.4.43', name: 'initials' },
  { oid: '2.5.4.44', name: 'generationQualifier' },
  { oid: '2.5.4.46', name: 'dnQualifier', string: 'printable' },
  { oid: '2.5.4.65', name: 'pseudonym' },
  { oid: '2.5.4.97', name: 'organizationIdentifier' },
  { oid: '0.9.2342.19200300.100.1.25', name: 'DC', string: 'ia5' },
  { oid: '0.9.2342.19200300.100.1.1', name: 'UID' },
  { oid: '1.2.840.113549.1.9.1', name: 'emailAddress', string: 'ia5' },
  { oid: '2.5.4.15', name: 'businessCategory' },
  { oid: '1.3.6.1.4.1.311.60.2.1.1', name: 'jurisdictionL' },
  { oid: '1.3.6.1.4.1.311.60.2.1.2', name: 'jurisdictionST' },
  { oid: '1.3.6.1.4.1.311.60.2.1.3', name: 'jurisdictionC', string: 'printable' },
];

const byOid: ReadonlyMap<string, AttributeType> = new Map(types.map((type) => [type.oid, type]));
const byName: ReadonlyMap<string, AttributeType> = new Map([
  ...types.map((type): [string, AttributeType] => [type.name.toLowerCase(), type]),
  // What others write for the same.
  ['e', { oid: '1.2.840.113549.1.9.1', name: 'emailAddress', string: 'ia5' }],
  ['s', { oid: '2.5.4.8', name: 'ST' }],
]);

export function attributeName(oid: string): string | undefined {
  return byOid.get(oid)?.name;
}

/** By name, in any letter case, or by object identifier. */
export function attributeType(nameOrOid: string): AttributeType | undefined {
  return byName.get(nameOrOid.toLowerCase()) ?? byOid.get(nameOrOid);
}
