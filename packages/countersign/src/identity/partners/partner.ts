/** What a partner is: a name, how its certificates are recognized, what it may call, how much of it, and who is told when something is the matter. */

export interface Partner {
  /** As its certificates, routes, limits and the record call it. */
  readonly name: string;
  readonly state: PartnerState;
  /** How its certificates are recognized: any one of these. Several while it moves from one issuer to another. */
  readonly who: readonly PartnerIdentity[];
  /** The names of the routes that it may call; `*`: whichever a route lets it. */
  readonly routes: readonly string[] | '*';
  readonly limits: PartnerLimits;
  /** Mail addresses or telephone numbers of people. */
  readonly contacts: readonly string[];
}

export type PartnerState = 'active' | 'suspended';

export const partnerStates: readonly PartnerState[] = ['active', 'suspended'];

/** All that is given must fit, and at least one name or key is given. */
export interface PartnerIdentity {
  /** Whose bundle vouches for the certificate; what another one vouches for is another's. */
  readonly trustDomain: string;
  /** One, or a pattern of whole segments: `*` for one, a last `**` for one or more. */
  readonly spiffeId?: string | undefined;
  readonly dnsName?: string | undefined;
  readonly uri?: string | undefined;
  /** RFC 4514's form; compared as names are. */
  readonly subject?: string | undefined;
  /** SHA-256 of the SubjectPublicKeyInfo: base64 or hexadecimal. */
  readonly spkiPin?: string | undefined;
  /** The subject's organizationIdentifier (2.5.4.97), which a QWAC has: `PSDES-BDE-3DFD21` (ETSI EN 319 412-1, 5.1.4). */
  readonly organizationIdentifier?: string | undefined;
  /** Roles that the certificate must declare (PSD2; ETSI TS 119 495, 5.1): each of `PSP_AS`, `PSP_PI`, `PSP_AI`, `PSP_IC`. */
  readonly paymentRoles?: readonly string[] | undefined;
}

/** What is absent is not limited here. */
export interface PartnerLimits {
  readonly requestsPerSecond?: number | undefined;
  /** Requests at once, beyond the rate. */
  readonly burst?: number | undefined;
  readonly requestsPerDay?: number | undefined;
  readonly connections?: number | undefined;
}

/** One label of a DNS name, so that it can stand in each place where a partner is named. */
export const partnerNameForm: RegExp = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Under which path the authority names partners. */
const folder = '/partner/';

/** As whom a partner presents itself that has its certificates from the authority of `trustDomain`. */
export function partnerId(trustDomain: string, name: string): string {
  return `spiffe://${trustDomain}${folder}${name}`;
}

/** The name in such an ID of this trust domain; `undefined` for every other ID. */
export function partnerNameOf(spiffeId: string | undefined, trustDomain: string): string | undefined {
  const start = `spiffe://${trustDomain}${folder}`;
  if (spiffeId?.startsWith(start) !== true) return undefined;
  const name = spiffeId.slice(start.length);
  return partnerNameForm.test(name) ? name : undefined;
}
