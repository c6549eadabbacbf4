/** Sends syslog messages: one a datagram (RFC 5426), or counted in octets on a stream (RFC 6587, 3.4.1), TCP or a Unix socket. */
import { createSocket } from 'node:dgram';
import { connect, isIPv6, type NetConnectOpts, type Socket } from 'node:net';

import type { Clock } from '../../ground/clock/index.ts';
import type { AuditEntry } from '../audit/index.ts';
import type { AuditTarget } from './audit-target.ts';
import { notDelivered } from './not-delivered.ts';
import { type SyslogOrigin, syslogMessage } from './syslog-message.ts';

/** Nothing tells whether a datagram came through: for receivers that know nothing else. */
export function datagramTarget(host: string, port: number, text: string, hostname: string): AuditTarget {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  socket.on('error', () => undefined);
  const sendOne = (entry: AuditEntry): Promise<void> =>
    new Promise((resolve, reject) => {
      socket.send(syslogMessage(entry, { hostname }), port, host, (error) => {
        if (error === null) resolve();
        else reject(notDelivered(text, error));
      });
    });
  return {
    send: async (entries) => {
      for (const entry of entries) await sendOne(entry);
    },
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

/** 10 s: a receiver on a busy line takes a batch in less. Own choice. */
const longestSendMs = 10_000;

export function streamTarget(
  where: NetConnectOpts,
  text: string,
  { hostname, clock }: SyslogOrigin & { readonly clock: Clock },
): AuditTarget {
  let opened: Promise<Socket> | undefined;
  const lose = (): void => {
    void opened?.then((socket) => socket.destroy()).catch(() => undefined);
    opened = undefined;
  };
  return {
    send: async (entries) => {
      const frames = entries.map((entry) => frame(syslogMessage(entry, { hostname })));
      try {
        opened ??= open(where);
        await within(clock, write(await opened, Buffer.concat(frames)));
      } catch (error) {
        lose();
        throw notDelivered(text, error);
      }
    },
    close: async () => {
      const socket = await opened?.catch(() => undefined);
      if (socket === undefined || socket.destroyed) return;
      const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
      socket.end();
      await within(clock, closed).catch(() => socket.destroy());
    },
  };
}

function frame(message: string): Buffer {
  return Buffer.from(`${String(Buffer.byteLength(message))} ${message}`);
}

function open(where: NetConnectOpts): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(where);
    socket.once('error', reject);
    // What the receiver says is none of our business; unread, it would hold up the end.
    socket.resume();
    socket.once('connect', () => {
      socket.off('error', reject);
      socket.on('error', () => socket.destroy());
      resolve(socket);
    });
  });
}

/** Resolves when the kernel has taken all of it: the protocol has no answer. */
function write(socket: Socket, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    if (socket.destroyed) {
      reject(new Error('the receiver has closed the connection'));
      return;
    }
    const gone = (): void => reject(new Error('the receiver has closed the connection'));
    socket.once('close', gone);
    socket.write(bytes, (error) => {
      socket.off('close', gone);
      if (error === null || error === undefined) resolve();
      else reject(error);
    });
  });
}

async function within<T>(clock: Clock, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = clock.after(longestSendMs, () =>
    late.reject(new Error(`not within ${String(longestSendMs / 1000)} s`)),
  );
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    timer.cancel();
  }
}
