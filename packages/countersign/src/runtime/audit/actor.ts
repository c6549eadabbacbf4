/** Who did what an entry tells of. */

export type ActorKind = 'local-user' | 'administrator' | 'service' | 'token' | 'authority';

export interface Actor {
  readonly kind: ActorKind;
  /** A user's name or number, an administrator's or a service's SPIFFE ID, a token's identifier. */
  readonly name: string;
}
