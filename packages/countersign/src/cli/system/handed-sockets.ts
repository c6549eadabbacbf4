/** Socket activation (sd_listen_fds(3)): sockets that listen before the authority runs, so that no caller meets a closed port while it restarts. */
import { isIP } from 'node:net';

import { Refusal } from '../../ground/errors/index.ts';
import type { HostAndPort } from '../option-values.ts';
import type { Environment } from './environment.ts';

export interface HandedSockets {
  readonly https?: number | undefined;
  readonly metrics?: number | undefined;
  /** What `https` listens on. */
  readonly address?: HostAndPort | undefined;
}

/** SD_LISTEN_FDS_START. */
const firstDescriptor = 3;

/** fcntl(2), getsockname(2), Linux. */
const setDescriptorFlags = 2;
const closeOnExec = 1;
const afInet = 2;
const afInet6 = 10;
const sockaddrBytes = 128;

const names = ['https', 'metrics'] as const;
type Name = (typeof names)[number];

/** Empty where none were handed to this very process. Throws CS-SYSTEM-002 for sockets that it can not use. */
export async function takeHandedSockets(environment: Environment, pid: number): Promise<HandedSockets> {
  const descriptors = handed(environment, pid);
  if (descriptors === undefined) return {};
  const library = (await import('koffi')).default.load(null);
  const fcntl = library.func('int fcntl(int fd, int command, ...)');
  const getsockname = library.func('int getsockname(int fd, _Out_ uint8_t *address, _Inout_ uint32_t *length)');
  // A program that we start must not inherit them.
  for (const fd of descriptors.values()) fcntl(fd, setDescriptorFlags, 'int', closeOnExec);
  const https = descriptors.get('https');
  if (https === undefined) return { metrics: descriptors.get('metrics') };
  const bytes = Buffer.alloc(sockaddrBytes);
  if (Number(getsockname(https, bytes, [sockaddrBytes])) !== 0) throw unusable('https', 'it is no socket');
  return { https, metrics: descriptors.get('metrics'), address: tcpAddress(bytes) };
}

function handed(environment: Environment, pid: number): Map<Name, number> | undefined {
  const count = Number(environment['LISTEN_FDS'] ?? 0);
  if (environment['LISTEN_PID'] !== String(pid) || !Number.isInteger(count) || count < 1) return undefined;
  const given = (environment['LISTEN_FDNAMES'] ?? '').split(':');
  const found = new Map<Name, number>();
  for (let at = 0; at < count; at++) {
    // One socket without a name of ours is the one that everything is about.
    const name = names.find((one) => one === given[at]) ?? (count === 1 ? 'https' : undefined);
    if (name === undefined)
      throw unusable(given[at] ?? 'without a name', 'it is called neither https nor metrics (FileDescriptorName=)');
    if (found.has(name)) throw unusable(name, 'there are two of this name');
    found.set(name, firstDescriptor + at);
  }
  return found;
}

/** struct sockaddr_in and sockaddr_in6: the family in the machine's order, the port in the network's. */
function tcpAddress(bytes: Buffer): HostAndPort {
  const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
  const family = littleEndian ? bytes.readUInt16LE(0) : bytes.readUInt16BE(0);
  const port = bytes.readUInt16BE(2);
  if (family === afInet) return { host: [...bytes.subarray(4, 8)].join('.'), port };
  if (family !== afInet6) throw unusable('https', 'it is no TCP socket');
  const groups = Array.from({ length: 8 }, (_, at) => bytes.readUInt16BE(8 + 2 * at).toString(16));
  const host = shortest(groups.join(':'));
  if (isIP(host) !== 6) throw unusable('https', 'its address can not be read');
  return { host, port };
}

/** RFC 5952, as the URL Standard serializes it. */
function shortest(address: string): string {
  return new URL(`http://[${address}]/`).hostname.slice(1, -1);
}

function unusable(socket: string, why: string): Refusal {
  return new Refusal('CS-SYSTEM-002', { socket, why });
}
