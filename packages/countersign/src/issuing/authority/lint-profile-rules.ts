/** The rules for what a profile adds to its certificates: policies, and where their revocation is told. */
import { fromHex } from '../../ground/encoding/index.ts';
import {
  accessMethods,
  decodeExtension,
  extensionOids,
  type GeneralNames,
  otherKinds,
  readDistributionPoints,
  readInformationAccess,
  type TbsCertificate,
} from '../../identity/x509/index.ts';
import type { LintRule } from './lint.ts';
import { listAddress } from './list-address.ts';
import { hasExactly, isCritical } from './lint-rules.ts';
import type { Profile } from './profile.ts';

interface Context {
  readonly profile: Profile;
}

/** Which extensions a certificate of the profile has, beside those of every end-entity certificate. */
export function addedExtensions({ policies, revocation, ocspNoCheck }: Profile): readonly string[] {
  return [
    ...(policies.length > 0 ? [extensionOids.certificatePolicies] : []),
    ...(revocation.crl.length > 0 ? [extensionOids.crlDistributionPoints] : []),
    ...(revocation.ocsp.length > 0 ? [extensionOids.authorityInfoAccess] : []),
    ...(revocation.noRevAvail ? [extensionOids.noRevAvail] : []),
    ...(ocspNoCheck === true ? [extensionOids.ocspNoCheck] : []),
  ];
}

export const profileRules: readonly LintRule<Context>[] = [
  {
    rule: 'it has exactly the policies of its profile',
    clause: 'RFC 5280 4.2.1.4',
    holds: ({ certificate }, { profile }) =>
      hasExactly(
        (certificate.certificatePolicies ?? []).map(({ policy }) => policy),
        profile.policies,
      ),
  },
  {
    rule: "its distribution points are the profile's, of its own shard: absolute http(s) URLs, for all reasons, of its own issuer",
    clause: 'RFC 5280 4.2.1.13, 4.2.1.6',
    holds: ({ certificate, issuer }, { profile }) =>
      hasExactly(
        distributionPoints(certificate),
        profile.revocation.crl.map((uri) =>
          listAddress(uri, issuer.publicKey, fromHex(certificate.serialNumber) ?? new Uint8Array()),
        ),
      ),
  },
  {
    rule: "its OCSP responders are the profile's: absolute http(s) URLs, and nothing else is told of its issuer",
    clause: 'RFC 5280 4.2.2.1, 4.2.1.6',
    holds: ({ certificate }, { profile }) =>
      !isCritical(certificate, extensionOids.authorityInfoAccess) &&
      hasExactly(responders(certificate), profile.revocation.ocsp),
  },
];

/** What is none of the form that is written is no URL, and so equals none of the profile's. */
const otherwise = '';

function distributionPoints({ extensions }: TbsCertificate): readonly string[] {
  const points = decodeExtension(extensions, extensionOids.crlDistributionPoints, readDistributionPoints) ?? [];
  return points.map(({ fullName, reasons, cRLIssuer }) =>
    fullName === undefined || reasons !== undefined || cRLIssuer !== undefined ? otherwise : urlOf(fullName),
  );
}

function responders({ extensions }: TbsCertificate): readonly string[] {
  const access = decodeExtension(extensions, extensionOids.authorityInfoAccess, readInformationAccess) ?? [];
  return access.map(({ method, location }) => (method === accessMethods.ocsp ? urlOf(location) : otherwise));
}

function urlOf(names: GeneralNames): string {
  const { uri, dns, ip } = names;
  const [url] = uri;
  const alone = uri.length === 1 && dns.length === 0 && ip.length === 0 && otherKinds(names).length === 0;
  return url !== undefined && alone && isAbsoluteHttpUrl(url) ? url : otherwise;
}

/** RFC 5280, 4.2.1.6: with a scheme and a host. What a URL parser would change is not what would be fetched everywhere. */
export function isAbsoluteHttpUrl(text: string): boolean {
  if (!/^https?:\/\/[!-~]+$/.test(text) || !URL.canParse(text)) return false;
  const url = new URL(text);
  return (
    url.username === '' && url.password === '' && url.hash === '' && (url.href === text || url.href === `${text}/`)
  );
}
