/** What a limbo case asks of path validation, in the profile that it is run in; or why it cannot be asked. */
import { isPublicSuffix } from '../../../packages/countersign/src/cli/verify/public-suffixes.ts';
import { parsePem } from '../../../packages/countersign/src/ground/encoding/index.ts';
import { isRefusal } from '../../../packages/countersign/src/ground/errors/index.ts';
import {
  type KeyUsage,
  noNames,
  parseCertificate,
  type PathInput,
  type PathPurpose,
} from '../../../packages/countersign/src/identity/x509/index.ts';
import { verifySignature } from '../../../packages/countersign/src/runtime/cryptography/index.ts';
import type { LimboCase } from './limbo-file.ts';

export type LimboProfile = 'rfc5280' | 'webpki';

/** `asked`: each case in the profile that its id asks for. */
export type ProfileChoice = LimboProfile | 'asked';

export interface Asked {
  /** All of a question but the certificates, and but the purpose. */
  readonly rest: Omit<PathInput, 'leaf' | 'intermediates' | 'anchors' | 'purpose'>;
  /** The certificate must serve each of them. */
  readonly purposes: readonly PathPurpose[];
}

export interface NotAsked {
  readonly skip: string;
}

/** The online cases are chains that servers of the public Web presented, so they are judged as its clients judge them. */
const ofTheWeb: readonly string[] = ['webpki::', 'online::'];

export function profileOf(id: string): LimboProfile {
  return ofTheWeb.some((prefix) => id.startsWith(prefix)) ? 'webpki' : 'rfc5280';
}

export function ask(item: LimboCase, choice: ProfileChoice, now: number): Asked | NotAsked {
  const profile = choice === 'asked' ? profileOf(item.id) : choice;
  const purposes = purposesOf(item);
  const skip = whyNot(item, profile, purposes);
  if (skip !== undefined) return { skip };
  return {
    purposes: purposes.filter((purpose) => purpose !== undefined),
    rest: {
      at: item.at ?? now,
      verifySignature,
      profile,
      names: item.names,
      keyUsage: item.keyUsage.filter(isKeyUsage),
      isPublicSuffix,
      ...(item.mostIntermediates === undefined ? {} : { mostIntermediates: item.mostIntermediates }),
    },
  };
}

function whyNot(
  item: LimboCase,
  profile: LimboProfile,
  purposes: readonly (PathPurpose | undefined)[],
): string | undefined {
  const contradiction = contradicted(item, profile);
  if (contradiction !== undefined) return `contradicts the profile ${profile}: ${contradiction}`;
  const foreign = foreignCertificate(item, profile);
  if (foreign !== undefined) return `contradicts the profile ${profile}: ${foreign}`;
  if (item.signatureAlgorithms.length > 0) return 'asks for signature algorithms, which is no input of path validation';
  if (purposes.includes(undefined))
    return `asks for ${item.extendedKeyUsage.join(', ')}: not a purpose of this library`;
  const unknown = item.keyUsage.filter((name) => !isKeyUsage(name));
  return unknown.length > 0 ? `asks for the key usage ${unknown.join(', ')}, which RFC 5280 does not know` : undefined;
}

/**
 * A case made for RFC 5280 may ask to accept a certificate that the public Web does not have, for a reason that the case is not about.
 * Cases that ask to reject are run all the same.
 */
function foreignCertificate(item: LimboCase, profile: LimboProfile): string | undefined {
  if (profile !== 'webpki' || !item.valid || profileOf(item.id) === 'webpki') return undefined;
  try {
    const { subject, subjectAltName: names } = parseCertificate(parsePem(item.leaf)[0]?.bytes ?? new Uint8Array());
    if (names.email.length + names.uri.length + names.directory.length > 0 || names === noNames) {
      return 'names that a server of the Web has not (BR 7.1.2.7.12)';
    }
    const commonNames = subject.relativeNames.flat().filter(({ oid }) => oid === '2.5.4.3');
    return commonNames.every(({ text = '' }) => names.dns.includes(text) || names.ip.includes(text))
      ? undefined
      : 'a common name that is none of its alternative names (BR 7.1.4.3)';
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}

/** A profile's own cases are never skipped for it, so that nothing is hidden from the run that each case asks for. */
function contradicted(item: LimboCase, profile: LimboProfile): string | undefined {
  if (profileOf(item.id) === profile) return undefined;
  const feature = 'rfc5280-incompatible-with-webpki';
  if (profile === 'webpki' && item.features.includes(feature)) return feature;
  const opposite = item.conflictsWith.find((id) => profileOf(id) === profile);
  return opposite === undefined ? undefined : `it conflicts with ${opposite}`;
}

const purposes: ReadonlyMap<string, PathPurpose> = new Map([
  ['serverAuth', 'server'],
  ['clientAuth', 'client'],
  ['anyExtendedKeyUsage', 'any'],
]);

/** Where a case asks for none, it is still about a server or a client of TLS; what a certificate without the extension may do, the profile says. */
function purposesOf({ extendedKeyUsage, kind }: LimboCase): (PathPurpose | undefined)[] {
  if (extendedKeyUsage.length > 0) return extendedKeyUsage.map((name) => purposes.get(name));
  return [kind === 'SERVER' ? 'server' : 'client'];
}

const keyUsages: readonly string[] = [
  'digitalSignature',
  'contentCommitment',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] satisfies readonly KeyUsage[];

function isKeyUsage(name: string): name is KeyUsage {
  return keyUsages.includes(name);
}
