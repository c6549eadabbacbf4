/**
 * The connections of a server while their number is limited: those that have not shown who they are make room for others, the oldest first, so that
 * neither silence nor a flood keeps anybody out who comes and speaks.
 */
import type { Socket } from 'node:net';

export interface CrowdLimits {
  /** Connections in all. */
  readonly most: number;
  /** In a handshake, or without a certificate that counts. */
  readonly mostUnverified: number;
  /** The same from one network address; of IPv6 from one /64, which is what one subscriber has (RFC 6177). */
  readonly mostUnverifiedOfOneAddress: number;
}

export class Crowd {
  readonly #limits: CrowdLimits;
  /** In the order in which they came. */
  readonly #unverified = new Map<Socket, string>();
  readonly #ofAddress = new Map<string, Set<Socket>>();
  #all = 0;

  constructor(limits: CrowdLimits) {
    this.#limits = limits;
  }

  /** Those that must go for it, itself where there is nobody else. */
  arrive(socket: Socket): readonly Socket[] {
    const address = networkOf(socket.remoteAddress);
    this.#all += 1;
    this.#unverified.set(socket, address);
    const same = this.#ofAddress.get(address) ?? new Set();
    this.#ofAddress.set(address, same.add(socket));
    socket.once('close', () => {
      this.#all -= 1;
      this.#forget(socket);
    });
    const { most, mostUnverified, mostUnverifiedOfOneAddress } = this.#limits;
    const tooMany =
      same.size > mostUnverifiedOfOneAddress
        ? same
        : this.#unverified.size > mostUnverified || this.#all > most
          ? this.#unverified.keys()
          : [];
    const [oldest] = tooMany;
    if (oldest === undefined) return [];
    this.#forget(oldest);
    return [oldest];
  }

  /** It has shown who it is, and stays. */
  verified(socket: Socket): void {
    this.#forget(socket);
  }

  #forget(socket: Socket): void {
    const address = this.#unverified.get(socket);
    if (address === undefined) return;
    this.#unverified.delete(socket);
    const same = this.#ofAddress.get(address);
    same?.delete(socket);
    if (same?.size === 0) this.#ofAddress.delete(address);
  }
}

/** Whoever has one address of an IPv6 network of 64 bits has 2^64 of them. */
export function networkOf(address: string | undefined): string {
  if (address === undefined) return 'not known';
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped !== null) return mapped[1] ?? address;
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('%', 1)[0]?.split('::') ?? [];
  const groups = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - groups.length - after.length;
  return [...groups, ...Array.from({ length: Math.max(0, zeros) }, () => '0'), ...after].slice(0, 4).join(':');
}
