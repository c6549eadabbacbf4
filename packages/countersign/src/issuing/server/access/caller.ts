/** Who asks for what only administrators may: the person, in the words of the record, and his roles at this moment. */
import type { Role } from '../../../runtime/api/index.ts';
import type { Actor } from '../../../runtime/audit/index.ts';

export interface AdministratorCaller {
  readonly address: string;
  /** The header, which decides the form of what has several. */
  readonly accept?: string | undefined;
  /**
   * Whom two persons are told apart by: `uid:1000`, or an administrator's SPIFFE ID. The superuser counts as the user who runs the authority,
   * since he can become that user at will.
   */
  readonly person: string;
  readonly actor: Actor;
  readonly roles: ReadonlySet<Role>;
}
