/** What a test wants of an endpoint, and what it gets to know of it; the same for every endpoint of the register. */
import type { Writable } from 'node:stream';
import type { TestContext } from 'node:test';
import { systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { isRefusal, type Refusal } from '../../packages/countersign/src/ground/errors/index.ts';
import type { PeerPolicy } from '../../packages/countersign/src/identity/authorization/index.ts';
import { withoutRevocation } from '../../packages/countersign/src/identity/revocation/index.ts';
import {
  type CredentialSource,
  fixedSource,
  type MutualClientOptions,
  type MutualTlsServer,
  type NamedCredentials,
  type PolicyOrSource,
  type ServerOptions,
  Trust,
  type VerifiedPeer,
} from '../../packages/countersign/src/runtime/tls/index.ts';
import type { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import type { TlsVersion } from './presented.ts';

export type Protocol = 'h2' | 'http/1.1' | 'bytes';

export interface Wanted {
  /** Whom it trusts, and whose `orders` it is. */
  readonly authority: TestAuthority;
  readonly policy: PolicyOrSource;
  /** The lowest that it speaks. */
  readonly version: TlsVersion;
  readonly credentials?: CredentialSource | NamedCredentials;
  readonly trust?: Trust;
  /** Asked for each answer, before the usual one is given; it writes another one, or says `false`. Of gRPC a long one is given where it writes. */
  readonly answer?: (out: Writable) => boolean;
  /** Whatever else the scenario is about. */
  readonly more?: Partial<ServerOptions>;
}

export interface StartedServer {
  readonly port: number;
  /** What it reported. */
  readonly refusals: readonly Refusal[];
}

export interface CalledServer {
  readonly port: number;
  readonly servername?: string;
}

/** Opened once, and asked many times. */
export interface KeptClient {
  /** One request; resolves with the body of the answer, rejects with what the client itself fails with. */
  ask(to: CalledServer): Promise<string>;
  close(): unknown;
}

export interface WantedClient {
  readonly policy: PeerPolicy;
  readonly options: MutualClientOptions;
}

/** What a server under test says of the peer that it let in. */
export function answerOf({ spiffeId, dnsNames }: VerifiedPeer): string {
  return JSON.stringify({ spiffeId, names: dnsNames });
}

/** Gives the answer that was wanted in place of the usual one, or that. */
export function answerOn({ answer }: Wanted, out: Writable, usual: () => string): void {
  if (answer?.(out) !== true) out.end(usual());
}

/** Starts what `make` makes of the options that were wanted, until the test ends. */
export async function started(
  t: TestContext,
  { authority, version, credentials, trust, more }: Wanted,
  make: (options: ServerOptions) => MutualTlsServer,
): Promise<StartedServer> {
  const refusals: Refusal[] = [];
  const server = make({
    trust: trust ?? trustIn(authority),
    credentials: credentials ?? fixedSource(authority.issue('orders')),
    clock: systemClock,
    minVersion: version,
    onRefusal: (refusal) => refusals.push(refusal),
    onClosed: () => undefined,
    ...more,
  });
  t.after(() => server.close({ graceMs: 0 }));
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  return { port, refusals };
}

export function trustIn(authority: TestAuthority): Trust {
  return new Trust({
    bundles: fixedSource(authority.bundles()),
    revocations: fixedSource(withoutRevocation),
    clock: systemClock,
  });
}

export async function outcomeOf(attempt: () => Promise<unknown>): Promise<string> {
  try {
    await attempt();
    return 'admitted';
  } catch (error) {
    if (spokeNoHttp2(error)) return 'admitted';
    return isRefusal(error) ? error.code : `not a refusal: ${String(error)}`;
  }
}

/** It was verified, and taken for the right one, before it was found to speak no HTTP/2. */
function spokeNoHttp2(error: unknown): boolean {
  return isRefusal(error) && error.evidence['reason'] === 'the server does not offer HTTP/2';
}

/** All of them, to their end also where one fails: what would go on beside it and start servers after the test is over keeps the process for ever. */
export async function allOf<T>(attempts: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(attempts);
  return Promise.all(attempts);
}
