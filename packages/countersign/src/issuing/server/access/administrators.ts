/** Who is an administrator, with which roles, and how many persons a named operation takes: the settings, with users looked up. */
import { Refusal } from '../../../ground/errors/index.ts';
import { administratorId, type Role, roles } from '../../../runtime/api/index.ts';
import type { AdministratorsSection } from '../settings/administrators-section.ts';
import { uidOf } from './local-users.ts';

export interface Administrators {
  /** Nobody's are empty. */
  readonly rolesOf: (person: string) => ReadonlySet<Role>;
  /** How many different persons must agree to what needs `role`. */
  readonly personsFor: (role: Role) => 1 | 2;
  /** All that hold any role. */
  readonly people: ReadonlyMap<string, ReadonlySet<Role>>;
}

export interface Place {
  readonly trustDomain: string;
  /** The user who runs the authority: he has every role, as has the superuser, who counts as him. */
  readonly ownerUid: number;
}

/** The rule that is in force, as it is told. */
export function personsOf({ personsFor }: Administrators): { issuer: number; root: number } {
  return { issuer: personsFor('issuer'), root: personsFor('root') };
}

/** Roles whose operations can take two persons. */
const decidingRoles = ['issuer', 'root'] as const satisfies readonly Role[];

export function personOfUid(uid: number, { ownerUid }: Place): string {
  return `uid:${String(uid === 0 ? ownerUid : uid)}`;
}

/** Throws CS-ADMIN-001 for a user that the machine does not know, CS-ADMIN-002 where two persons are demanded and cannot be had. */
export async function resolveAdministrators(
  section: AdministratorsSection | undefined,
  place: Place,
): Promise<Administrators> {
  const people = new Map<string, Set<Role>>([[personOfUid(place.ownerUid, place), new Set(roles)]]);
  const give = (person: string, given: readonly Role[]): void => {
    const held = people.get(person) ?? new Set<Role>();
    for (const role of given) held.add(role);
    people.set(person, held);
  };
  for (const [user, given] of Object.entries(section?.users ?? {})) give(personOfUid(await uidOf(user), place), given);
  for (const [name, given] of Object.entries(section?.certificates ?? {}))
    give(administratorId(place.trustDomain, name), given);
  const holders = (role: Role): number => [...people.values()].filter((held) => held.has(role)).length;
  if (section?.persons === 2) requireTwo(holders);
  const none: ReadonlySet<Role> = new Set();
  return {
    people,
    rolesOf: (person) => people.get(person) ?? none,
    personsFor: (role) => section?.persons ?? (holders(role) > 1 ? 2 : 1),
  };
}

/** A rule that nobody can fulfil would lock everybody out, also from changing it. */
function requireTwo(holders: (role: Role) => number): void {
  for (const role of decidingRoles) {
    if (holders(role) < 2) throw new Refusal('CS-ADMIN-002', { role, holders: holders(role) });
  }
}

/** What the second gives that the first does not, a line each: a role to somebody, or a decision to one person alone. */
export function widenedAdministrators(before: Administrators, after: Administrators): readonly string[] {
  const gained = [...after.people].flatMap(([person, held]) => {
    const more = [...held].filter((role) => !before.rolesOf(person).has(role));
    return more.length === 0 ? [] : [`${person} gets the ${more.length === 1 ? 'role' : 'roles'} ${more.join(', ')}`];
  });
  const lowered = decidingRoles
    .filter((role) => after.personsFor(role) < before.personsFor(role))
    .map((role) => `one person is enough for what needs the role ${role}, where two had to agree`);
  return [...gained, ...lowered];
}
