/** The sockets on this machine: the owner's in the state directory, and the one that the settings open to other users. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';

import { isRefusal, Refusal } from '../../../ground/errors/index.ts';
import { localSocketName } from '../../../runtime/api/index.ts';
import { listenLocally, type LocalListener, type LocalListenerOptions } from '../local-listener.ts';
import type { AdministratorsSection } from '../settings/administrators-section.ts';
import { gidOf } from './local-users.ts';

export interface LocalListenersOptions extends Pick<LocalListenerOptions, 'readPeer' | 'admit' | 'log'> {
  readonly dir: string;
  readonly handler: (request: IncomingMessage, response: ServerResponse) => void;
  readonly socket: AdministratorsSection['socket'];
}

/** @param opened called with each as soon as it listens, so that none is left open where the next fails */
export async function listenOnSockets(
  { dir, socket, ...common }: LocalListenersOptions,
  opened: (listener: LocalListener) => void,
): Promise<void> {
  opened(await listenLocally({ ...common, file: join(dir, localSocketName) }));
  if (socket === undefined) return;
  try {
    opened(await listenLocally({ ...common, file: socket.path, group: await gidOf(socket.group) }));
  } catch (error) {
    if (isRefusal(error) && error.code !== 'CS-AUTHORITY-007') throw error;
    const why = isRefusal(error) ? String(error.evidence['why']) : String(error);
    throw new Refusal('CS-ADMIN-004', { path: socket.path, why }, { cause: error });
  }
}
