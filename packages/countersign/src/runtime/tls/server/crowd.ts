/**
 * The connections of a server while their number is limited: those that have not shown who they are make room for others, the oldest first, so that
 * neither silence nor a flood keeps anybody out who comes and speaks.
 */
import type { Socket } from 'node:net';
import type { Clock } from '../../../ground/clock/index.ts';

export interface CrowdLimits {
  /** Connections in all. */
  readonly most: number;
  /** In a handshake, or without a certificate that counts. */
  readonly mostUnverified: number;
  /** The same from one network address; of IPv6 from one /64, which is what one subscriber has (RFC 6177). */
  readonly mostUnverifiedOfOneAddress: number;
  /** Connections of one network address in all, verified ones too; default as many as in all. */
  readonly mostOfOneAddress?: number;
  /**
   * Handshakes that fail, at either stage, of one network address in a second; beyond it what comes from there is closed before its handshake begins,
   * until the second is over. Default as many as come.
   */
  readonly mostFailuresOfOneAddressPerSecond?: number;
}

/** A connection that has to go, and why. */
export interface TurnedOut {
  readonly socket: Socket;
  readonly code: 'CS-TLS-009' | 'CS-TLS-013';
}

const secondMs = 1_000;

/** Addresses whose failures are remembered; of more, the oldest is forgotten. Own choice: about 100 bytes each. */
const mostFailing = 10_000;

export class Crowd {
  readonly #limits: CrowdLimits;
  /** In the order in which they came. */
  readonly #unverified = new Map<Socket, string>();
  readonly #ofAddress = new Map<string, Set<Socket>>();
  readonly #countOfAddress = new Map<string, number>();
  readonly #failures = new Map<string, { sinceMs: number; count: number }>();
  readonly #clock: Pick<Clock, 'monotonic'>;
  #all = 0;

  constructor(limits: CrowdLimits, clock: Pick<Clock, 'monotonic'>) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Who must go for it, itself where there is nobody else. */
  arrive(socket: Socket): TurnedOut | undefined {
    const address = networkOf(socket.remoteAddress);
    this.#all += 1;
    const ofAddress = (this.#countOfAddress.get(address) ?? 0) + 1;
    this.#countOfAddress.set(address, ofAddress);
    this.#unverified.set(socket, address);
    const same = this.#ofAddress.get(address) ?? new Set();
    this.#ofAddress.set(address, same.add(socket));
    socket.once('close', () => {
      this.#all -= 1;
      this.#leave(address);
      this.#forget(socket);
    });
    if (this.#failsTooOften(address)) return this.#turnOut(socket, 'CS-TLS-013');
    const { most, mostUnverified, mostUnverifiedOfOneAddress, mostOfOneAddress = most } = this.#limits;
    const tooMany =
      same.size > mostUnverifiedOfOneAddress || ofAddress > mostOfOneAddress
        ? same
        : this.#unverified.size > mostUnverified || this.#all > most
          ? this.#unverified.keys()
          : [];
    const [oldest] = tooMany;
    return oldest === undefined ? undefined : this.#turnOut(oldest, 'CS-TLS-009');
  }

  /** Its handshake failed, at either stage. */
  failed(socket: Socket, remoteAddress: string): void {
    if (this.#limits.mostFailuresOfOneAddressPerSecond === undefined) return;
    const address = this.#unverified.get(socket) ?? networkOf(remoteAddress);
    const known = this.#failures.get(address);
    const nowMs = this.#clock.monotonic();
    if (known !== undefined && nowMs - known.sinceMs < secondMs) {
      known.count += 1;
      return;
    }
    // Put at the end: the oldest stand first.
    this.#failures.delete(address);
    const oldest = this.#failures.size >= mostFailing ? this.#failures.keys().next().value : undefined;
    if (oldest !== undefined) this.#failures.delete(oldest);
    this.#failures.set(address, { sinceMs: nowMs, count: 1 });
  }

  /** It has shown who it is, and stays. */
  verified(socket: Socket): void {
    this.#forget(socket);
  }

  #failsTooOften(address: string): boolean {
    const failures = this.#failures.get(address);
    if (failures === undefined) return false;
    if (this.#clock.monotonic() - failures.sinceMs >= secondMs) {
      this.#failures.delete(address);
      return false;
    }
    return failures.count >= (this.#limits.mostFailuresOfOneAddressPerSecond ?? Number.POSITIVE_INFINITY);
  }

  #turnOut(socket: Socket, code: TurnedOut['code']): TurnedOut {
    this.#forget(socket);
    return { socket, code };
  }

  #leave(address: string): void {
    const left = (this.#countOfAddress.get(address) ?? 1) - 1;
    if (left === 0) this.#countOfAddress.delete(address);
    else this.#countOfAddress.set(address, left);
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
