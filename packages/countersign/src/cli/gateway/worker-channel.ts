/** The channel to the process that started this one as a worker of a gateway; nobody who typed the command is meant by it. */
import process from 'node:process';
import type { ToWorker, WorkerChannel } from '../../traffic/gateway/index.ts';
import type { World } from '../call.ts';

/** Says which worker a process is; no secret. */
export const workerVariable = 'COUNTERSIGN_GATEWAY_WORKER';

export interface OpenChannel extends WorkerChannel {
  /** When the primary is gone, however it ended. */
  onGone(listener: () => void): void;
}

/** @returns `undefined` in every process that no gateway has started */
export function workerChannel({ env }: World): OpenChannel | undefined {
  if (env[workerVariable] === undefined || process.send === undefined) return undefined;
  return {
    send: (message) => {
      if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
    },
    onMessage: (listener) => void process.on('message', (message) => listener(message as ToWorker)),
    onGone: (listener) => void process.once('disconnect', listener),
  };
}
