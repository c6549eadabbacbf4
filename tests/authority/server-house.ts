/** A whole authority on loopback in a directory of its own, composed as the command composes it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { type Agent, request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { sleep, systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { encodePem } from '../../packages/countersign/src/ground/encoding/index.ts';
import {
  type AuthorityServer,
  type AuthorityServerOptions,
  type ServerEvent,
  startAuthorityServer,
} from '../../packages/countersign/src/issuing/server/index.ts';
import { type AdministeredAuthority, openLocalAuthority } from '../../packages/countersign/src/runtime/api/index.ts';
import { generatePrivateKey, type PrivateKey } from '../../packages/countersign/src/runtime/cryptography/index.ts';
import { openSqliteStore, type SqliteStore } from '../../packages/countersign/src/store/sqlite/index.ts';
import { enroll, type HeldCredential } from '../../packages/countersign/src/traffic/enrollment/index.ts';

export interface ServerHouse {
  readonly dir: string;
  readonly store: SqliteStore;
  readonly server: AuthorityServer;
  readonly local: AdministeredAuthority;
  readonly events: ServerEvent[];
  /** A service with its credential. */
  service(...names: readonly string[]): Promise<HeldCredential>;
  token(names: readonly string[], over?: { lifeSeconds?: number; certificateLifeSeconds?: number }): Promise<string>;
  /** When changed settings have been looked at: they are in force, wait for somebody, or were refused. */
  settled(): Promise<void>;
  /** Ends it as SIGTERM does. */
  stop(): Promise<void>;
  restart(): Promise<ServerHouse>;
}

/** A machine that does much else at the time is no fault of the authority's. */
export const longestMs = 60_000;

export type HouseOptions = Partial<Omit<AuthorityServerOptions, 'dir' | 'stores'>> & { readonly dir?: string };

export async function temporaryDirectory(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'countersign-'));
  // An authority that is not ended yet may write a list meanwhile.
  t.after(() => rm(dir, { recursive: true, force: true, maxRetries: 5 }));
  return dir;
}

export async function startHouse(t: TestContext, options: HouseOptions = {}): Promise<ServerHouse> {
  const dir = options.dir ?? (await temporaryDirectory(t));
  const events: ServerEvent[] = [];
  const store = await openSqliteStore({ file: join(dir, 'authority.db'), clock: systemClock });
  let server: AuthorityServer;
  try {
    server = await startAuthorityServer({
      clock: systemClock,
      listen: { host: '127.0.0.1', port: 0 },
      log: (event) => events.push(event),
      ...options,
      dir,
      stores: store,
    });
  } catch (error) {
    await store.close();
    throw error;
  }
  const local = openLocalAuthority(dir, systemClock);
  const looks = (): number => events.filter(({ event }) => event === 'settings').length;
  let lookedAt = looks();
  const stop = async (): Promise<void> => {
    await local.close();
    await server.close();
    await store.close();
  };
  t.after(stop);
  const token: ServerHouse['token'] = async (names, over = {}) =>
    (await local.createToken({ names: [...names], lifeSeconds: 60, ...over })).token;
  return {
    dir,
    store,
    server,
    local,
    events,
    token,
    settled: async () => {
      while (looks() <= lookedAt) await sleep(systemClock, 5);
      lookedAt = looks();
    },
    service: async (...names) =>
      enroll({ token: await token(names), privateKey: generatePrivateKey('P-256'), limitMs: longestMs }),
    stop,
    restart: async () => {
      await stop();
      return startHouse(t, { ...options, dir });
    },
  };
}

/** What a client presents: its chain, PEM, and its key. */
export interface Presented {
  readonly chain: string;
  readonly key: PrivateKey;
}

export function presented(held: HeldCredential): Presented {
  const chain = [held.leaf, ...held.intermediates].map(({ raw }) => encodePem('CERTIFICATE', raw)).join('');
  return { chain, key: held.privateKey };
}

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  /** The body as it came. */
  readonly text: string;
}

/** One request by node:https, which knows nothing of us. */
export function ask(
  url: string,
  root: string,
  {
    path,
    method = 'GET',
    body,
    headers = {},
    as,
    unnamed = false,
    agent = false,
  }: {
    path: string;
    method?: string;
    body?: unknown;
    headers?: Record<string, string>;
    as?: Presented;
    /** Whether the server may have another name than that of the address. */
    unnamed?: boolean;
    /** One that keeps connections for what is asked next; default a connection of its own. */
    agent?: Agent | false;
  },
): Promise<Answer> {
  const payload = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const request = httpsRequest(
      new URL(path, url),
      {
        method,
        ca: root,
        agent,
        ...(unnamed ? { checkServerIdentity: () => undefined } : {}),
        headers: {
          ...(payload === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(payload)) }),
          ...headers,
        },
        ...(as === undefined ? {} : { cert: as.chain, key: as.key.toPem() }),
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => (text += part));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: parsed(text), text }));
        response.on('error', reject);
      },
    );
    request.on('error', reject);
    request.end(payload);
  });
}

function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}
