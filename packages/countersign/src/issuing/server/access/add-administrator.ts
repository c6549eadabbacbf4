/** A token for a new administrator: whoever holds it becomes that person here, so two persons agree to it where two are the rule. */
import { Refusal } from '../../../ground/errors/index.ts';
import { type Actor, auditEvent } from '../../../runtime/audit/index.ts';
import { administratorId, type AddAdministratorRequest, encodeToken, type Role } from '../../../runtime/api/index.ts';
import { administratorProfile } from '../../authority/index.ts';
import { createToken } from '../../enrollment-server/index.ts';
import type { Asked, NamedOperation } from '../approval/proposals.ts';
import type { ServerParts } from '../server-parts.ts';

type Content = Required<Pick<AddAdministratorRequest, 'name' | 'lifeSeconds'>> & { readonly roles: readonly Role[] };

type Parts = Pick<ServerParts, 'authority' | 'enrollment' | 'administrators' | 'rootSha256' | 'url' | 'clock'>;

/** What is asked for, with the roles that the settings in force give. Throws CS-ADMIN-003. */
export function askedFor(parts: Parts, request: AddAdministratorRequest): Asked<Content> {
  const content = contentOf(parts, request);
  const { name, roles, lifeSeconds } = content;
  const what = [
    `a token for ${administratorId(parts.authority.trustDomain, name)}, good once, for ${String(lifeSeconds)} s`,
    `whoever uses it is this administrator, with the ${roles.length === 1 ? 'role' : 'roles'} ${roles.join(', ')}`,
  ];
  return { content, roles: ['root'], what };
}

function contentOf({ authority, administrators }: Parts, request: AddAdministratorRequest): Content {
  const { name, lifeSeconds } = request;
  const found = [...administrators.current().rolesOf(administratorId(authority.trustDomain, name))].sort();
  const asked = (request.roles ?? found).toSorted();
  if (found.length === 0 || asked.join() !== found.join())
    throw new Refusal('CS-ADMIN-003', { name, asked: request.roles ?? 'any', found });
  return { name, roles: found, lifeSeconds };
}

export function addAdministratorOperation(parts: Parts): NamedOperation<Content> {
  return {
    name: 'administrator.add',
    execute: async (content, actor) => {
      // The roles may be others by now than those that were agreed to.
      contentOf(parts, { ...content, roles: [...content.roles] });
      return { token: await makeToken(parts, content, actor) };
    },
  };
}

async function makeToken(parts: Parts, { name, roles, lifeSeconds }: Content, actor: Actor): Promise<string> {
  const { authority, enrollment, rootSha256, clock } = parts;
  const names = [administratorId(authority.trustDomain, name)];
  const added = auditEvent('administrator.add', {
    atMs: clock.now(),
    actor,
    facts: { roles },
    personal: { names: names.join(' ') },
  });
  const order = { names, lifeMs: lifeSeconds * 1000, actor, events: [added] };
  const created = await createToken(enrollment, order, administratorProfile);
  const { id, secret, expiresAtMs: expires } = created;
  return encodeToken({ authority: parts.url(), root: rootSha256, id, secret, names, expires });
}
