/** Many who connect and do nothing good: they are silent, stop half-way, or never read. */
import { readdirSync, readFileSync } from 'node:fs';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

export type Manner = 'silent' | 'silent-after-handshake' | 'half-a-request';

const half = 'POST /v1/enroll HTTP/1.1\r\nhost: authority\r\ncontent-type: application/json\r\ncontent-le';

export class Crowd {
  readonly #port: number;
  readonly #sockets = new Set<Socket>();

  constructor(url: string) {
    this.#port = Number(new URL(url).port);
  }

  /** Resolves when each of them has come so far, or was turned away; some at a time, as their own handshakes cost, too. */
  async gather(count: number, manner: Manner): Promise<void> {
    for (let left = count; left > 0; left -= 50)
      await Promise.all(Array.from({ length: Math.min(50, left) }, () => this.#join(manner)));
  }

  /** How many are still connected. */
  get present(): number {
    return [...this.#sockets].filter(({ destroyed }) => !destroyed).length;
  }

  disperse(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
  }

  #join(manner: Manner): Promise<void> {
    return new Promise((resolve) => {
      const where = { host: '127.0.0.1', port: this.#port };
      const there = (): void => {
        if (manner === 'half-a-request') socket.write(half);
        resolve();
      };
      const socket =
        manner === 'silent' ? connectTcp(where, there) : connectTls({ ...where, rejectUnauthorized: false }, there);
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => resolve());
      socket.resume();
    });
  }
}

export interface Footprint {
  readonly residentMb: number;
  readonly descriptors: number;
}

/** Of a process, as Linux tells it. */
export function footprint(pid: number): Footprint {
  const [, kb = '0'] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8')) ?? [];
  return { residentMb: Number(kb) / 1024, descriptors: readdirSync(`/proc/${String(pid)}/fd`).length };
}
