/** Partners as they come from a file or a database: read strictly, whatever is not known or not in its form refused by its place. */
import { isRefusal, nearMatch, Refusal } from '../../ground/errors/index.ts';
import { parseTrustDomain } from '../spiffe/index.ts';
import { paymentRoles } from '../x509/index.ts';
import {
  type Partner,
  type PartnerIdentity,
  type PartnerLimits,
  partnerNameForm,
  type PartnerState,
  partnerStates,
} from './partner.ts';
import { policyOf } from './partner-policy.ts';

/** Own choices: a partner has a few of each, and all of it is held in memory for each of thousands. */
const mostIdentities = 20;
const mostRoutes = 1000;
const mostContacts = 20;
const longestText = 300;
const largestLimit = 1_000_000_000;

/** Route names, with a ":" for those who group them: `payments:read`. */
const routeForm = /^[a-z0-9](?:[a-z0-9:._-]{0,126}[a-z0-9])?$/;

/** ETSI EN 319 412-1, 5.1.4: three letters, a country, a hyphen (or "+" and a region), the number. */
const organizationForm = /^[A-Z]{3}(?:[A-Z]{2}(?:\+[A-Z0-9]{1,3})?|XG|EU)-[^\p{Cc}\p{Cf}]{1,80}$/u;

interface Place {
  readonly partner: string;
  readonly where: string;
}

/**
 * @param value an object: `name`, `who` (one identity or a list), and where they differ from the default `state` (active), `routes` (none),
 * `limits` (none), `contacts` (none)
 * @throws CS-PARTNER-001
 */
export function readPartner(value: unknown): Partner {
  const anonymous = { partner: 'not named', where: 'partner' };
  const fields = objectOf(value, anonymous, ['name', 'state', 'who', 'routes', 'limits', 'contacts']);
  const name = textOf(fields['name'], { ...anonymous, where: 'name' });
  const at = (where: string): Place => ({ partner: name, where });
  if (!partnerNameForm.test(name))
    throw broken(at('name'), 'up to 63 of a-z, 0-9 and "-", beginning and ending with a letter or a digit');
  const who = Array.isArray(fields['who']) ? (fields['who'] as unknown[]) : [fields['who']];
  if (who.length === 0 || who.length > mostIdentities)
    throw broken(at('who'), `1 to ${String(mostIdentities)} identities`);
  return {
    name,
    state: stateOf(fields['state'], at('state')),
    who: who.map((one, index) => identityOf(one, at(who.length === 1 ? 'who' : `who[${String(index)}]`))),
    routes: routesOf(fields['routes'], at('routes')),
    limits: limitsOf(fields['limits'], at('limits')),
    contacts: textsOf(fields['contacts'] ?? [], at('contacts'), mostContacts),
  };
}

function stateOf(value: unknown, place: Place): PartnerState {
  const state = partnerStates.find((one) => one === (value ?? 'active'));
  if (state === undefined) throw broken(place, `one of ${partnerStates.join(', ')}`);
  return state;
}

function identityOf(value: unknown, place: Place): PartnerIdentity {
  const texts = ['spiffeId', 'dnsName', 'uri', 'subject', 'spkiPin', 'organizationIdentifier'] as const;
  const fields = objectOf(value, place, ['trustDomain', ...texts, 'paymentRoles']);
  const at = (name: string): Place => ({ ...place, where: `${place.where}.${name}` });
  const trustDomain = trustDomainOf(fields['trustDomain'], at('trustDomain'));
  const given = texts.flatMap((name) =>
    fields[name] === undefined ? [] : [[name, textOf(fields[name], at(name))] as const],
  );
  if (given.length === 0) throw broken(place, `at least one of ${texts.join(', ')}`);
  const roles = fields['paymentRoles'] === undefined ? undefined : rolesOf(fields['paymentRoles'], at('paymentRoles'));
  const identity: PartnerIdentity = {
    trustDomain,
    ...Object.fromEntries(given),
    ...(roles === undefined ? {} : { paymentRoles: roles }),
  };
  const { organizationIdentifier } = identity;
  if (organizationIdentifier !== undefined && !organizationForm.test(organizationIdentifier))
    throw broken(at('organizationIdentifier'), 'as PSDES-BDE-3DFD21 or VATDE-123456789 (ETSI EN 319 412-1, 5.1.4)');
  requireFormed(identity, place);
  return identity;
}

/** What the policies themselves say of a name that is none. */
function requireFormed(identity: PartnerIdentity, place: Place): void {
  try {
    policyOf(identity);
  } catch (error) {
    if (isRefusal(error)) throw broken(place, String(error.evidence['rule'] ?? error.title));
    if (error instanceof TypeError) throw broken(place, error.message);
    throw error;
  }
}

function trustDomainOf(value: unknown, place: Place): string {
  const text = textOf(value, place);
  try {
    return parseTrustDomain(text);
  } catch (error) {
    if (isRefusal(error)) throw broken(place, 'a trust domain, such as bank.example');
    throw error;
  }
}

function rolesOf(value: unknown, place: Place): readonly string[] {
  const roles = textsOf(value, place, Object.keys(paymentRoles).length);
  if (roles.length === 0 || roles.some((role) => !(role in paymentRoles)))
    throw broken(place, `one or more of ${Object.keys(paymentRoles).join(', ')}`);
  return roles;
}

function routesOf(value: unknown, place: Place): Partner['routes'] {
  if (value === '*') return '*';
  const routes = textsOf(value ?? [], place, mostRoutes);
  if (routes.some((route) => !routeForm.test(route)))
    throw broken(place, 'names of routes, such as payments:read, or "*"');
  return routes;
}

function limitsOf(value: unknown, place: Place): PartnerLimits {
  const names = ['requestsPerSecond', 'burst', 'requestsPerDay', 'connections'] as const;
  const fields = objectOf(value ?? {}, place, names);
  const given = names.flatMap((name) => {
    const limit = fields[name];
    if (limit === undefined) return [];
    const sound = typeof limit === 'number' && limit > 0 && limit <= largestLimit;
    if (!sound || (name !== 'requestsPerSecond' && !Number.isSafeInteger(limit)))
      throw broken({ ...place, where: `${place.where}.${name}` }, 'a number above 0');
    return [[name, limit] as const];
  });
  return Object.fromEntries(given);
}

function textsOf(value: unknown, place: Place, most: number): readonly string[] {
  if (!Array.isArray(value) || value.length > most) throw broken(place, `a list of at most ${String(most)}`);
  const texts = value.map((one) => textOf(one, place));
  if (new Set(texts).size !== texts.length) throw broken(place, 'each once');
  return texts;
}

function textOf(value: unknown, place: Place): string {
  if (typeof value !== 'string' || value === '' || value.length > longestText || /\p{Cc}/u.test(value))
    throw broken(place, `a text of 1 to ${String(longestText)} characters`);
  return value;
}

function objectOf(value: unknown, place: Place, known: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw broken(place, 'an object');
  const strange = Object.keys(value).find((name) => !known.includes(name));
  if (strange === undefined) return value as Readonly<Record<string, unknown>>;
  const nearest = nearMatch(strange, known);
  throw broken(
    { ...place, where: `${place.where}.${strange}` },
    nearest === undefined ? `not known; known are ${known.join(', ')}` : `not known; ${nearest} is meant?`,
  );
}

function broken({ partner, where }: Place, rule: string): Refusal {
  return new Refusal('CS-PARTNER-001', { partner, where, rule });
}
