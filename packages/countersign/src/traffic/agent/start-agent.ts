/** Starts an agent: from a folder that holds a credential, from one that was handed in, or from an enrolment token. */
import { type Clock, systemClock } from '../../ground/clock/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import type { KeyType } from '../../identity/x509/index.ts';
import { decodeToken } from '../../runtime/api/index.ts';
import { generatePrivateKey } from '../../runtime/cryptography/index.ts';
import {
  enroll,
  enrollFolder,
  type HeldCredential,
  loadCredential,
  renew,
  requireSameIdentity,
} from '../enrollment/index.ts';
import { Agent } from './agent.ts';
import type { AgentEvent, AgentEventListener } from './agent-event.ts';
import type { Random } from './renewal-schedule.ts';

export interface AgentOptions {
  /** The text of an enrolment token; needed where nothing is held yet. */
  readonly token?: string | undefined;
  /** Files kept fresh for any program: `cert.pem`, `key.pem`, `roots.pem`. Default: memory only, with a new key at each rotation. */
  readonly folder?: string | undefined;
  /** What is held already; only without a folder. */
  readonly held?: HeldCredential;
  /** Default P-256. */
  readonly keyType?: KeyType;
  /** Default the machine's. */
  readonly clock?: Clock;
  /** What spreads renewals and retries; default Math.random. */
  readonly random?: Random;
  /** Hears every event from the first on. */
  readonly onEvent?: AgentEventListener;
  /** How certificates are asked for; default the authority's HTTP interface. */
  readonly ask?: {
    readonly enroll: typeof enroll;
    readonly enrollFolder: typeof enrollFolder;
    readonly renew: typeof renew;
  };
}

/**
 * Resolves when there is a credential, fresh or (with the authority away) the one that was there;
 * rejects where there is none and none can be had.
 */
export async function startAgent(options: AgentOptions): Promise<Agent> {
  const {
    folder,
    keyType = 'P-256',
    clock = systemClock,
    random = Math.random,
    ask = { enroll, enrollFolder, renew },
  } = options;
  if (folder !== undefined && options.held !== undefined)
    throw new TypeError('an agent takes a folder or a held credential, not both');
  const { held, how } = await firstCredential({ ...options, keyType, clock, ask });
  const listeners = new Set<AgentEventListener>(options.onEvent === undefined ? [] : [options.onEvent]);
  const agent = new Agent({ held, folder, keyType, clock, random, renew: ask.renew, listeners });
  const { serialNumber, notAfter } = held.leaf;
  const event: AgentEvent = { type: how, serialNumber, notAfter, renewsAt: agent.renewsAt };
  options.onEvent?.(event);
  return agent;
}

type Settled = AgentOptions & Required<Pick<AgentOptions, 'keyType' | 'clock' | 'ask'>>;

async function firstCredential(options: Settled): Promise<{ held: HeldCredential; how: 'loaded' | 'enrolled' }> {
  const { folder, token, keyType, clock, ask } = options;
  const before = folder === undefined ? options.held : await loadCredential(folder);
  if (before !== undefined && folder !== undefined && token !== undefined)
    requireSameIdentity(folder, before, decodeToken(token));
  if (before !== undefined && !(token !== undefined && hasLapsed(before, clock.now())))
    return { held: before, how: 'loaded' };
  if (token === undefined) throw new Refusal('CS-AGENT-001', { folder: folder ?? 'none: memory only' });
  const held =
    folder === undefined
      ? await ask.enroll({ token, privateKey: generatePrivateKey(keyType), clock })
      : await ask.enrollFolder(folder, { token, keyType, clock });
  return { held, how: 'enrolled' };
}

/** Too old to be renewed: where there is a token, it is the way out. */
function hasLapsed({ leaf, renewAfterExpirySeconds }: HeldCredential, now: number): boolean {
  return now > leaf.notAfter + renewAfterExpirySeconds * 1000;
}
