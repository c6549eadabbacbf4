/** Certificate policies, their mappings and the constraints on them (RFC 5280, 4.2.1.4, 4.2.1.5, 4.2.1.11, 4.2.1.14), read and written. */
import {
  concatBytes,
  contextPrimitive,
  type DerReader,
  encodeElement,
  encodeInteger,
  encodeOid,
  encodeSequence,
  readObjectIdentifier,
  readSmallInteger,
  tags,
} from '../../../ground/encoding/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import { encodeExtension, extensionOids } from '../extensions.ts';

export const anyPolicy = '2.5.29.32.0';

export interface PolicyQualifier {
  /** Object identifier: a pointer to a practice statement, a notice for users. */
  readonly type: string;
  /** DER. */
  readonly value: Uint8Array;
}

export interface PolicyInformation {
  readonly policy: string;
  readonly qualifiers: readonly PolicyQualifier[];
}

export function readCertificatePolicies(reader: DerReader): PolicyInformation[] {
  const list = reader.enter(tags.sequence);
  if (list.done) throw list.malformed('certificatePolicies is empty');
  const policies: PolicyInformation[] = [];
  const seen = new Set<string>();
  while (!list.done) {
    const fields = list.enter(tags.sequence);
    const policy = readObjectIdentifier(fields);
    if (seen.has(policy)) throw new Refusal('CS-X509-001', { rule: `policy ${policy} appears twice (4.2.1.4)` });
    seen.add(policy);
    policies.push({ policy, qualifiers: fields.done ? [] : readQualifiers(fields.enter(tags.sequence)) });
    fields.finish();
  }
  return policies;
}

function readQualifiers(list: DerReader): PolicyQualifier[] {
  if (list.done) throw list.malformed('policyQualifiers is empty');
  const qualifiers: PolicyQualifier[] = [];
  while (!list.done) {
    const fields = list.enter(tags.sequence);
    qualifiers.push({ type: readObjectIdentifier(fields), value: fields.element() });
    fields.finish();
  }
  return qualifiers;
}

export interface PolicyMapping {
  readonly issuerDomainPolicy: string;
  readonly subjectDomainPolicy: string;
}

export function readPolicyMappings(reader: DerReader): PolicyMapping[] {
  const list = reader.enter(tags.sequence);
  if (list.done) throw list.malformed('policyMappings is empty');
  const mappings: PolicyMapping[] = [];
  while (!list.done) {
    const pair = list.enter(tags.sequence);
    mappings.push({ issuerDomainPolicy: readObjectIdentifier(pair), subjectDomainPolicy: readObjectIdentifier(pair) });
    pair.finish();
  }
  return mappings;
}

/** Each a count of certificates that may still follow before the rule begins to hold. */
export interface PolicyConstraints {
  readonly requireExplicitPolicy?: number;
  readonly inhibitPolicyMapping?: number;
}

export function readPolicyConstraints(reader: DerReader): PolicyConstraints {
  const fields = reader.enter(tags.sequence);
  if (fields.done) throw new Refusal('CS-X509-001', { rule: 'policyConstraints without any (4.2.1.11)' });
  const count = (tag: number): number | undefined =>
    fields.peek() === tag ? readSmallInteger(fields, tag) : undefined;
  const requireExplicitPolicy = count(contextPrimitive(0));
  const inhibitPolicyMapping = count(contextPrimitive(1));
  fields.finish();
  return {
    ...(requireExplicitPolicy === undefined ? {} : { requireExplicitPolicy }),
    ...(inhibitPolicyMapping === undefined ? {} : { inhibitPolicyMapping }),
  };
}

export function readInhibitAnyPolicy(reader: DerReader): number {
  return readSmallInteger(reader);
}

/** @param policies object identifiers, or a policy with its qualifiers */
export function certificatePoliciesExtension(
  policies: readonly (string | PolicyInformation)[],
  critical: boolean = false,
): Uint8Array {
  const members = policies.map((given) => {
    const { policy, qualifiers } = typeof given === 'string' ? { policy: given, qualifiers: [] } : given;
    const list = qualifiers.map(({ type, value }) => encodeSequence(encodeOid(type), value));
    return encodeSequence(encodeOid(policy), ...(list.length === 0 ? [] : [encodeSequence(...list)]));
  });
  return encodeExtension(extensionOids.certificatePolicies, critical, encodeSequence(...members));
}

/** Critical (RFC 5280, 4.2.1.5: SHOULD). */
export function policyMappingsExtension(mappings: readonly PolicyMapping[], critical: boolean = true): Uint8Array {
  const members = mappings.map(({ issuerDomainPolicy, subjectDomainPolicy }) =>
    encodeSequence(encodeOid(issuerDomainPolicy), encodeOid(subjectDomainPolicy)),
  );
  return encodeExtension(extensionOids.policyMappings, critical, encodeSequence(...members));
}

/** Critical, as it must be (RFC 5280, 4.2.1.11). */
export function policyConstraintsExtension(constraints: PolicyConstraints, critical: boolean = true): Uint8Array {
  const field = (number: number, count: number | undefined): Uint8Array[] =>
    count === undefined ? [] : [encodeElement(contextPrimitive(number), encodeInteger(count).subarray(2))];
  const fields = [...field(0, constraints.requireExplicitPolicy), ...field(1, constraints.inhibitPolicyMapping)];
  return encodeExtension(extensionOids.policyConstraints, critical, encodeElement(tags.sequence, concatBytes(fields)));
}

/** Critical, as it must be (RFC 5280, 4.2.1.14). */
export function inhibitAnyPolicyExtension(skipCertificates: number, critical: boolean = true): Uint8Array {
  return encodeExtension(extensionOids.inhibitAnyPolicy, critical, encodeInteger(skipCertificates));
}
