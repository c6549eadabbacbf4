/** An authority and what servers and clients of the frameworks' tests take from it. */
import type { TestContext } from 'node:test';
import { fetch } from 'undici';
import { systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import type { Refusal } from '../../packages/countersign/src/ground/errors/index.ts';
import {
  allowAnyPeer,
  anyOf,
  type PeerPolicy,
  spiffeId,
} from '../../packages/countersign/src/identity/authorization/index.ts';
import { withoutRevocation } from '../../packages/countersign/src/identity/revocation/index.ts';
import {
  createDispatcher,
  createServer,
  type Credential,
  fixedSource,
  type RequestHandler,
  type ServerOptions,
  Trust,
} from '../../packages/countersign/src/runtime/tls/index.ts';
import { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';

export const authority: TestAuthority = new TestAuthority();

/** Whom the servers let in: `web` and `admin`; routes ask for more. */
export const callers: PeerPolicy = anyOf(
  spiffeId('spiffe://test.internal/web'),
  spiffeId('spiffe://test.internal/admin'),
);
export const adminAlone: PeerPolicy = spiffeId('spiffe://test.internal/admin');

export function trustOf(): Trust {
  return new Trust({
    bundles: fixedSource(authority.bundles()),
    revocations: fixedSource(withoutRevocation),
    clock: systemClock,
  });
}

export function serverOptions(refusals: Refusal[] = []): ServerOptions {
  return {
    trust: trustOf(),
    credentials: fixedSource(authority.issue('orders', { names: { dns: ['orders.test'] } })),
    clock: systemClock,
    onRefusal: (refusal) => refusals.push(refusal),
  };
}

export async function serving(
  t: TestContext,
  handler: RequestHandler,
  more: Partial<ServerOptions> = {},
): Promise<number> {
  const server = createServer(callers, { ...serverOptions(), ...more }, handler);
  t.after(() => server.close({ graceMs: 0 }));
  return (await server.listen({ host: '127.0.0.1', port: 0 })).port;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Our client with this credential asks for `path`. */
export async function ask(t: TestContext, port: number, path: string, credential: Credential): Promise<Answer> {
  const dispatcher = createDispatcher(allowAnyPeer(), {
    trust: trustOf(),
    credentials: fixedSource(credential),
    clock: systemClock,
  });
  t.after(() => dispatcher.destroy());
  const response = await fetch(`https://127.0.0.1:${port}${path}`, { dispatcher });
  return { status: response.status, text: await response.text() };
}
