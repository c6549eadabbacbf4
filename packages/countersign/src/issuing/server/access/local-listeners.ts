/** The sockets on this machine: the owner's in the state directory, and the one that the settings open to other users. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';

import { isRefusal, Refusal } from '../../../ground/errors/index.ts';
import { localSocketName } from '../../../runtime/api/index.ts';
import { listenLocally, type LocalListener, type LocalListenerOptions } from '../local-listener.ts';
import type { AdministratorsSection } from '../settings/administrators-section.ts';
import { gidOf } from './local-users.ts';

/** What both have in common. */
export interface LocalFace extends Pick<LocalListenerOptions, 'readPeer' | 'admit' | 'log'> {
  readonly handler: (request: IncomingMessage, response: ServerResponse) => void;
}

export type SharedSocket = NonNullable<AdministratorsSection['socket']>;

export function listenInDirectory(dir: string, face: LocalFace): Promise<LocalListener> {
  return listenLocally({ ...face, file: join(dir, localSocketName) });
}

export async function listenOnShared(socket: SharedSocket, face: LocalFace): Promise<LocalListener> {
  try {
    return await listenLocally({ ...face, file: socket.path, group: await gidOf(socket.group) });
  } catch (error) {
    if (isRefusal(error) && error.code !== 'CS-AUTHORITY-007') throw error;
    const why = isRefusal(error) ? String(error.evidence['why']) : String(error);
    throw new Refusal('CS-ADMIN-004', { path: socket.path, why }, { cause: error });
  }
}
