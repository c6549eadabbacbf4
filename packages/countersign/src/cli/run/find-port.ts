/** Looks for the plain port of a program until it listens: the one that it was given, or else the only one there is. */
import { type Clock, sleep } from '../../ground/clock/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import { isOnThisMachineAlone, listeningPorts, type ListeningPort } from './listening-ports.ts';

export interface PortSearch {
  /** The program's process, once it has one. */
  readonly pid: () => number | undefined;
  /** Given as PORT, or with --port. */
  readonly expected: number;
  /** Whether no other will do. */
  readonly only: boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onWarning: (refusal: Refusal) => void;
}

/** The kernel is asked this often: at first, and once a program has shown that it is slow. Own choice. */
const quicklyMs = 50;
const slowlyMs = 500;

/** How long another port than the expected one must be there alone before it is taken for the program's. Own choice. */
const settledMs = 500;

/** After this a person wants to know what is waited for. Own choice. */
const patienceMs = 10_000;

/** @returns where to connect; `undefined` when the search was called off */
export async function findPort(search: PortSearch): Promise<ListeningPort | undefined> {
  const { clock, signal, onWarning } = search;
  const began = clock.monotonic();
  let [told, otherSince] = [false, Number.POSITIVE_INFINITY];
  while (!signal.aborted) {
    const pid = search.pid();
    const ports = pid === undefined ? [] : await listeningPorts(pid);
    const waitedMs = clock.monotonic() - began;
    const expected = ports.filter(({ port }) => port === search.expected);
    if (expected.length > 0) return chosen(expected, onWarning);
    const others = new Set(ports.map(({ port }) => port));
    otherSince = others.size === 0 ? Number.POSITIVE_INFINITY : Math.min(otherSince, waitedMs);
    const settled = waitedMs - otherSince >= settledMs;
    if (settled && others.size === 1 && !search.only) return chosen(ports, onWarning);
    if (!told && (waitedMs >= patienceMs || settled)) {
      told = true;
      onWarning(notFound(search.expected, [...others]));
    }
    await sleep(clock, waitedMs < patienceMs ? quicklyMs : slowlyMs, signal).catch(() => undefined);
  }
  return undefined;
}

function notFound(expected: number, others: readonly number[]): Refusal {
  return new Refusal('CS-RUN-006', { expected, found: others.length === 0 ? 'none' : others.map(String) });
}

/** One that only this machine reaches where there is one; a wildcard is reached at the loopback address of its family. */
function chosen(found: readonly ListeningPort[], onWarning: (refusal: Refusal) => void): ListeningPort | undefined {
  const open = found.find((one) => !isOnThisMachineAlone(one));
  if (open !== undefined)
    onWarning(
      new Refusal('CS-RUN-009', {
        address: `${open.address.includes(':') ? `[${open.address}]` : open.address}:${open.port}`,
      }),
    );
  const best = found.find(isOnThisMachineAlone) ?? open;
  if (best?.address === '0.0.0.0') return { ...best, address: '127.0.0.1' };
  return best?.address === '::' ? { ...best, address: '::1' } : best;
}
