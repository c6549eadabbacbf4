/** From a request to the administrator who sent it: the kernel's word on the local socket, a recorded certificate over HTTPS. */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

import { fromBase64Url, toHex } from '../../../ground/encoding/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import { administratorNameOf, type Role } from '../../../runtime/api/index.ts';
import { sha256Hex } from '../../../runtime/cryptography/index.ts';
import type { Source, VerifiedPeer } from '../../../runtime/tls/index.ts';
import { administratorProfile, type CertificateInventory } from '../../authority/index.ts';
import { type Administrators, personOfUid, type Place } from './administrators.ts';
import type { AdministratorCaller } from './caller.ts';
import { userNameOf } from './local-users.ts';

/** Both throw CS-ACCESS-002 for a user without a role. */
export interface LocalCallers {
  /** At the connection, before a byte is read. */
  readonly admit: (socket: Socket, uid: number) => void;
  /** At each request: roles may have changed since. */
  readonly callerOf: (request: IncomingMessage) => Promise<AdministratorCaller>;
}

export function localCallers(administrators: Source<Administrators>, place: Place): LocalCallers {
  const uids = new WeakMap<Socket, number>();
  const names = new Map<number, string>();
  const rolesOf = (uid: number): ReadonlySet<Role> => {
    const held = administrators.current().rolesOf(personOfUid(uid, place));
    if (held.size === 0) throw new Refusal('CS-ACCESS-002', { uid, owner: place.ownerUid });
    return held;
  };
  const nameOf = async (uid: number): Promise<string> => {
    const name = names.get(uid) ?? (await userNameOf(uid)) ?? '';
    names.set(uid, name);
    return name === '' ? `uid:${String(uid)}` : `uid:${String(uid)} (${name})`;
  };
  return {
    admit: (socket, uid) => {
      rolesOf(uid);
      uids.set(socket, uid);
    },
    callerOf: async ({ socket }) => {
      const uid = uids.get(socket);
      if (uid === undefined) throw new Refusal('CS-ACCESS-003', { why: 'the connection was not looked at' });
      const held = rolesOf(uid);
      return {
        address: 'local socket',
        person: personOfUid(uid, place),
        actor: { kind: 'local-user', name: await nameOf(uid) },
        roles: held,
      };
    },
  };
}

export interface RemoteCallers {
  readonly administrators: Source<Administrators>;
  readonly inventory: CertificateInventory;
  readonly trustDomain: string;
}

/**
 * The identity alone is not enough: the very certificate must be in the record as an administrator's, so that no other way to a certificate with
 * such a name, a stolen issuer's key included, is a way in here.
 * @throws CS-ACCESS-012 for everybody else
 */
export async function remoteCaller(
  { administrators, inventory, trustDomain }: RemoteCallers,
  peer: VerifiedPeer,
  { address, endpoint }: { readonly address: string; readonly endpoint: string },
): Promise<AdministratorCaller> {
  const stranger = (): Refusal => new Refusal('CS-ACCESS-012', { name: peer.name, endpoint });
  const { spiffeId } = peer;
  if (spiffeId === undefined || administratorNameOf(spiffeId, trustDomain) === undefined) throw stranger();
  const held = administrators.current().rolesOf(spiffeId);
  if (held.size === 0) throw stranger();
  const [record] = await inventory.bySerialNumber([peer.serialNumber]);
  const thumbprint = toHex(fromBase64Url(peer.thumbprint) ?? new Uint8Array());
  if (record?.profile !== administratorProfile.name || record.issuerKey !== peer.issuerKey) throw stranger();
  if (sha256Hex(record.certificate) !== thumbprint) throw stranger();
  return { address, person: spiffeId, actor: { kind: 'administrator', name: spiffeId }, roles: held };
}

/** @throws CS-ACCESS-011 */
export function requireRoles(needs: readonly Role[], { roles }: AdministratorCaller, endpoint: string): void {
  const missing = needs.filter((role) => !roles.has(role));
  if (missing.length > 0) throw new Refusal('CS-ACCESS-011', { endpoint, needs: missing, has: [...roles] });
}
