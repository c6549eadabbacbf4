/** One profile as the settings hold it: what a person writes, each value checked by itself. */
import { z } from 'zod';

import { parseSpiffeId } from '../../../identity/spiffe/index.ts';
import { extendedKeyUsages, formatIpAddress, type KeyType, parseIpAddress } from '../../../identity/x509/index.ts';
import { isRefusal } from '../../../ground/errors/index.ts';
import { durationText } from '../../../runtime/config/index.ts';
import {
  brokenDnsRule,
  brokenMailboxRule,
  certifiableKeyTypes,
  type EndEntityKeyUsage,
  isAbsoluteHttpUrl,
  isMailboxLike,
  type NameSource,
  parseDnsPattern,
  parseIpRange,
  parseMailboxPattern,
  parsePathPattern,
  writtenMailbox,
} from '../../authority/index.ts';
import { ownListWord } from './crl-settings.ts';

export interface NameSettings {
  /** Default `token`. */
  readonly from?: NameSource | undefined;
  readonly dns?: readonly string[] | undefined;
  readonly spiffe?: readonly string[] | undefined;
  readonly ip?: readonly string[] | undefined;
  readonly email?: readonly string[] | undefined;
  readonly fixed?: readonly string[] | undefined;
}

export interface ProfileSettings {
  readonly names?: NameSettings | undefined;
  readonly life?:
    | {
        readonly least?: string | undefined;
        readonly default?: string | undefined;
        readonly most?: string | undefined;
      }
    | undefined;
  readonly renewAfterExpiry?: string | undefined;
  readonly keys?: readonly KeyType[] | undefined;
  readonly keyUsage?: readonly EndEntityKeyUsage[] | undefined;
  /** Names of purposes, or object identifiers. */
  readonly usages?: readonly string[] | undefined;
  readonly usagesCritical?: boolean | undefined;
  readonly subject?:
    { readonly commonName?: boolean | undefined; readonly organization?: string | undefined } | undefined;
  /** URLs, or `own`. */
  readonly crl?: readonly string[] | undefined;
  readonly ocsp?: readonly string[] | undefined;
  readonly noRevAvail?: boolean | undefined;
  readonly policies?: readonly string[] | undefined;
}

/** Own limit, on what is written and on what goes into each certificate. */
const mostOfAList = 20;

/** What a rule says of a text that it refuses becomes the problem that is told. */
function textThat(brokenRule: (text: string) => string | undefined, described: string): z.ZodType<string> {
  return z
    .string(described)
    .max(2048)
    .superRefine((text, context) => {
      const rule = brokenRule(text);
      if (rule !== undefined) context.addIssue({ code: 'custom', message: rule });
    })
    .meta({ description: described });
}

function listOf<T>(member: z.ZodType<T>): z.ZodType<readonly T[]> {
  return z
    .array(member)
    .max(mostOfAList)
    .refine((list) => new Set(list).size === list.length, 'each of them once');
}

const broken = (parsed: object | string): string | undefined => (typeof parsed === 'string' ? parsed : undefined);

const dnsPattern = textThat(
  (text) => broken(parseDnsPattern(text)),
  'a DNS name with stars: *.internal (one label), **.internal (one or more), web-*.internal',
);
const pathPattern = textThat(
  (text) => broken(parsePathPattern(text)) ?? brokenPathRule(text),
  'a path with stars for segments: /ns/*/sa/*, /batch/**',
);
const ipRange = textThat((text) => broken(parseIpRange(text)), 'a range of addresses: 10.0.0.0/8, fd00::/8');
const mailboxPattern = textThat(
  (text) => broken(parseMailboxPattern(text)),
  'a mailbox, its local part whole or a star, its host a DNS name with stars: *@example.test, ops@*.internal',
);
const fixedName = textThat(brokenFixedName, 'a DNS name, an address, a mailbox, or the path of a SPIFFE ID');

function brokenPathRule(text: string): string | undefined {
  return text.split('/')[1]?.toLowerCase() === 'countersign'
    ? "the path /countersign is the authority's own"
    : undefined;
}

function brokenFixedName(text: string): string | undefined {
  if (text.startsWith('/')) return brokenPathRule(text) ?? brokenSpiffeRule(`spiffe://x${text}`);
  if (isMailboxLike(text)) return brokenMailboxRule(text) ?? spelled(text, writtenMailbox(text));
  const octets = parseIpAddress(text);
  if (octets === undefined) return brokenDnsRule(text);
  return spelled(text, String(formatIpAddress(octets)));
}

function spelled(text: string, written: string): string | undefined {
  return written === text ? undefined : `it is written ${written}`;
}

function brokenSpiffeRule(id: string): string | undefined {
  try {
    parseSpiffeId(id);
    return undefined;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return String(error.evidence['rule'] ?? error.title);
  }
}

/** Purposes by their names. Left out are those with which a holder would speak for the authority: signing OCSP answers or the feed, and any purpose at all. */
export const purposes: Readonly<Record<string, string>> = {
  serverAuth: extendedKeyUsages.serverAuth,
  clientAuth: extendedKeyUsages.clientAuth,
  codeSigning: extendedKeyUsages.codeSigning,
  emailProtection: extendedKeyUsages.emailProtection,
  timeStamping: extendedKeyUsages.timeStamping,
};

const refusedPurposes: readonly string[] = [
  extendedKeyUsages.anyExtendedKeyUsage,
  extendedKeyUsages.OCSPSigning,
  extendedKeyUsages.feedSigning,
];

/** Two arcs at least, no leading zeros (ITU-T X.660); the first is 0, 1 or 2. */
const oidForm = /^[0-2](?:\.(?:0|[1-9]\d{0,38})){1,20}$/;

const purpose = textThat(
  (text) => {
    if (Object.hasOwn(purposes, text)) return undefined;
    if (refusedPurposes.includes(text)) return 'with this purpose its holder would speak for the authority';
    return oidForm.test(text) ? undefined : `one of ${Object.keys(purposes).join(', ')}, or an object identifier`;
  },
  `one of ${Object.keys(purposes).join(', ')}, or an object identifier`,
);

const oid = z.string().regex(oidForm, 'an object identifier: 1.3.6.1.4.1.99999.1');
const url = textThat(
  (text) => (isAbsoluteHttpUrl(text) ? undefined : 'an absolute http or https URL (RFC 5280 4.2.1.6)'),
  'an absolute http or https URL',
);

const listPlace = textThat(
  (text) => (text === ownListWord || isAbsoluteHttpUrl(text) ? undefined : 'own, or an absolute http or https URL'),
  "own: the authority's own list, of the certificate's shard; or an absolute http or https URL",
);

/** X.520 and RFC 5280, A.1: ub-organization-name. */
const organization = z.string().min(1).max(64);

const names: z.ZodType<NameSettings> = z.strictObject({
  from: z.enum(['token', 'request', 'profile']).optional(),
  dns: listOf(dnsPattern).optional(),
  spiffe: listOf(pathPattern).optional(),
  ip: listOf(ipRange).optional(),
  email: listOf(mailboxPattern).optional(),
  fixed: listOf(fixedName).optional(),
});

export const profileSettings: z.ZodType<ProfileSettings> = z.strictObject({
  names: names.optional(),
  life: z
    .strictObject({ least: durationText.optional(), default: durationText.optional(), most: durationText.optional() })
    .optional(),
  renewAfterExpiry: durationText.optional(),
  keys: listOf(z.enum(certifiableKeyTypes)).optional(),
  keyUsage: listOf(z.enum(['digitalSignature', 'keyEncipherment', 'keyAgreement'])).optional(),
  usages: listOf(purpose).optional(),
  usagesCritical: z.boolean().optional(),
  subject: z.strictObject({ commonName: z.boolean().optional(), organization: organization.optional() }).optional(),
  crl: listOf(listPlace).optional(),
  ocsp: listOf(url).optional(),
  noRevAvail: z.boolean().optional(),
  policies: listOf(oid).optional(),
});
