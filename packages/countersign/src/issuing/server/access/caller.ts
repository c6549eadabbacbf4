/** Who asks for what only administrators may: the person, in the words of the record, and his roles at this moment. */
import type { Role } from '../../../runtime/api/index.ts';

/** Who did it. */
export interface Actor {
  readonly kind: 'local-user' | 'administrator' | 'service' | 'token' | 'authority';
  readonly name: string;
}

export interface AdministratorCaller {
  readonly address: string;
  /**
   * Whom two persons are told apart by: `uid:1000`, or an administrator's SPIFFE ID. The superuser counts as the user who runs the authority,
   * since he can become that user at will.
   */
  readonly person: string;
  readonly actor: Actor;
  readonly roles: ReadonlySet<Role>;
}
