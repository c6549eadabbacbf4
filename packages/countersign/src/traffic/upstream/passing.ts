/** Which connections to a service are gated, and whether what is at their other end still passes: asked before each request that they carry. */
import type { Socket } from 'node:net';
import type { SecureSocket } from '../../runtime/tls/index.ts';

const gates = new WeakMap<Socket, SecureSocket['gate']>();

export function gated({ socket, gate }: Pick<SecureSocket, 'socket' | 'gate'>): void {
  gates.set(socket, gate);
}

/** Timers and slices come late: what is closed in a moment is not asked in this one. */
export function stillPasses(connection: Socket): boolean {
  return gates.get(connection)?.passes() !== false;
}
