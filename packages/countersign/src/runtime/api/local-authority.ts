/** The authority over a Unix socket: of its state directory, or the one that its settings open to other users of the machine. */
import { join } from 'node:path';

import type { Agent } from 'undici';

import { type Clock, systemClock } from '../../ground/clock/index.ts';
import { isRefusal, Refusal } from '../../ground/errors/index.ts';
import { socketPath } from '../config/index.ts';
import { administer, type AdministeredAuthority } from './administered-authority.ts';
import { startDeadline } from './deadline.ts';
import { exchange } from './exchange.ts';
import { localSocketName } from './local-socket.ts';

/** The authority of a state directory: whoever may open its socket is its owner. */
export function openLocalAuthority(stateDirectory: string, clock: Clock = systemClock): AdministeredAuthority {
  return openAuthorityAtSocket(join(stateDirectory, localSocketName), clock);
}

export function openAuthorityAtSocket(socket: string, clock: Clock = systemClock): AdministeredAuthority {
  const path = reachableSocket(socket);
  let dispatcher: Promise<Agent> | undefined;
  const dispatcherTo = async (socketPath: string): Promise<Agent> => {
    const { Agent } = await import('undici');
    return new Agent({ allowH2: false, connections: 4, connect: { socketPath } });
  };
  return administer(
    async (operation, request, limitMs) => {
      const deadline = startDeadline(clock, limitMs);
      try {
        dispatcher ??= dispatcherTo(path.path);
        const connection = { dispatcher: await dispatcher, url: 'http://authority', address: socket };
        return (await exchange(operation, request, connection, deadline)).value;
      } catch (error) {
        throw notRunning(error, socket);
      } finally {
        deadline.cancel();
      }
    },
    async () => {
      await (await dispatcher)?.destroy();
      path.release();
    },
  );
}

function reachableSocket(socket: string): ReturnType<typeof socketPath> {
  try {
    return socketPath(socket);
  } catch (error) {
    throw notRunning(error, socket);
  }
}

/** Where nobody listens, or we may not ask, the way out is another one than for an authority on the network. */
function notRunning(error: unknown, socket: string): unknown {
  if (!isRefusal(error) || (error.code !== 'CS-NET-001' && error.code !== 'CS-FILE-001')) return error;
  const reason = String(error.evidence['reason'] ?? 'ENOENT');
  if (reason === 'EACCES' || reason === 'EPERM') {
    return new Refusal('CS-FILE-002', { path: socket, reason }, { cause: error });
  }
  return new Refusal('CS-NET-004', { socket, reason }, { cause: error });
}
