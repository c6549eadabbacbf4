/** sd_notify(3): a service tells systemd how it is, by datagrams to the socket that NOTIFY_SOCKET names. */
import type { Environment } from './environment.ts';

export interface Notifier {
  /** `READY=1`, `STATUS=...`: one assignment each. Never fails: a manager that does not listen must not end the service. */
  tell(...assignments: readonly string[]): void;
  /** How often systemd wants to hear WATCHDOG=1 at least, in milliseconds. */
  readonly watchdogMs: number | undefined;
}

export const silent: Notifier = { tell: () => undefined, watchdogMs: undefined };

/** Linux: socket(2), unix(7). */
const afUnix = 1;
const sockDatagram = 2;
const sockCloseOnExec = 0o2000000;
const messageNoSignal = 0x4000;

/** sun_path of unix(7). */
const mostPathBytes = 108;

/** `silent` where nobody asked to be told, or where it can not be done. */
export async function openNotifier(environment: Environment, pid: number): Promise<Notifier> {
  const address = addressOf(environment['NOTIFY_SOCKET'] ?? '');
  if (address === undefined || process.platform !== 'linux') return silent;
  const { default: koffi } = await import('koffi');
  const library = koffi.load(null);
  const socket = library.func('int socket(int domain, int type, int protocol)');
  const sendto = library.func(
    'intptr_t sendto(int fd, const uint8_t *data, size_t length, int flags, const uint8_t *address, uint32_t addressLength)',
  );
  const close = library.func('int close(int fd)');
  return {
    watchdogMs: watchdogOf(environment, pid),
    tell: (...assignments) => {
      // A value that had a line end would be an assignment of its own.
      const data = Buffer.from(assignments.map((one) => one.replace(/[\r\n]+/g, ' ')).join('\n'));
      const fd = Number(socket(afUnix, sockDatagram | sockCloseOnExec, 0));
      if (fd < 0) return;
      sendto(fd, data, data.length, messageNoSignal, address, address.length);
      close(fd);
    },
  };
}

/** struct sockaddr_un; a name that begins with @ is an abstract one, whose first byte is zero and whose length counts. */
function addressOf(name: string): Buffer | undefined {
  if (!name.startsWith('/') && !name.startsWith('@')) return undefined;
  const path = Buffer.from(name.startsWith('@') ? `\0${name.slice(1)}` : `${name}\0`);
  if (path.length > mostPathBytes) return undefined;
  const family = Buffer.alloc(2);
  if (new Uint8Array(new Uint16Array([1]).buffer)[0] === 1) family.writeUInt16LE(afUnix);
  else family.writeUInt16BE(afUnix);
  return Buffer.concat([family, path]);
}

/** sd_watchdog_enabled(3): half of the time, and only where the process that is meant is this one. */
function watchdogOf(environment: Environment, pid: number): number | undefined {
  const microseconds = Number(environment['WATCHDOG_USEC'] ?? 'none');
  const meant = environment['WATCHDOG_PID'];
  if (!(microseconds > 0) || (meant !== undefined && meant !== String(pid))) return undefined;
  return microseconds / 2 / 1000;
}
