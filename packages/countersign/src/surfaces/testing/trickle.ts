/** Bytes that begin like a handshake and never become one: for peers that are slow. */
import type { Socket } from 'node:net';
import { type Clock, systemClock } from '../../ground/clock/index.ts';

/** A record of a handshake (RFC 8446, 5.1) that promises 16 KiB; zeros follow it. */
const beginning = [0x16, 0x03, 0x03, 0x40, 0x00];

/** One byte at a time, until the socket is closed. */
export function trickle(socket: Socket, everyMs: number, clock: Clock = systemClock): void {
  let sent = 0;
  const next = (): void => {
    if (socket.destroyed || !socket.writable) return;
    socket.write(Uint8Array.of(beginning[sent] ?? 0));
    sent += 1;
    clock.after(everyMs, next, { unref: true });
  };
  next();
}
