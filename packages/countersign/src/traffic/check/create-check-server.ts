/**
 * The check endpoint: a listener of its own, which completes the handshake with a refused certificate, too, and tells exactly why it would be refused.
 * Nothing else can be got there: no route, no upstream, no `VerifiedPeer`.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';

import { isRefusal, Refusal } from '../../ground/errors/index.ts';
import type { PartnerSet } from '../../identity/partners/index.ts';
import {
  createPeerVerifier,
  createServer,
  optionalPeerOf,
  type PeerVerifier,
  type PolicyOrSource,
  presentedCertificatesOf,
  type Remote,
  type ServerOptions,
  type TakingServer,
} from '../../runtime/tls/index.ts';
import { CheckLimits } from './check-limits.ts';
import { acceptedVerdict, refusedVerdict, type Verdict } from './verdict.ts';

export const checkPath = '/.well-known/countersign/check';

export interface CheckServerOptions extends Pick<
  ServerOptions,
  'trust' | 'credentials' | 'clock' | 'minVersion' | 'crowd'
> {
  /** The partners of now; absent: who the policy lets in is accepted. */
  readonly partners?: (() => PartnerSet) | undefined;
  /** For the log: what was said to whom. */
  readonly onChecked?: ((verdict: Verdict, remote: Pick<Remote, 'address'>) => void) | undefined;
}

/** A minute: who checks connects, asks and is gone. */
const longestLifeMs = 60_000;

const headers = {
  'Content-Type': 'application/json',
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  // One check a connection: each is of a handshake of its own.
  Connection: 'close',
} as const;

/** @param policy that of the endpoint about which is asked; required, there is no default */
export function createCheckServer(policy: PolicyOrSource, options: CheckServerOptions): TakingServer {
  const { trust, credentials, clock, minVersion, crowd, partners, onChecked } = options;
  const limits = new CheckLimits(clock);
  const verifier = createPeerVerifier({ peer: 'client', policy, trust, clock });
  const serverOptions: ServerOptions = {
    ...{ trust, credentials, clock, clientCertificate: 'optional', longestLifeMs },
    ...(minVersion === undefined ? {} : { minVersion }),
    ...(crowd === undefined ? {} : { crowd }),
    // Each is answered, and told by `onChecked`.
    onRefusal: () => undefined,
    onClosed: () => undefined,
  };
  const answerTo = (request: IncomingMessage): readonly [status: number, verdict: Verdict] => {
    const { method = '', url = '' } = request;
    // Compared as it was sent: there is one way to write it.
    if (url !== checkPath) return [404, notThere(method, url)];
    if (method !== 'GET' && method !== 'HEAD') return [405, notThere(method, url)];
    const address = request.socket.remoteAddress ?? 'not known';
    if (!limits.take(address)) {
      const refusal = new Refusal('CS-PARTNER-010', { address });
      return [refusal.http, refusedVerdict(refusal)];
    }
    const verdict = verdictOn(request, verifier, partners?.());
    onChecked?.(verdict, { address });
    return [200, verdict];
  };
  return createServer(policy, serverOptions, (request, response) => {
    request.resume();
    const [status, verdict] = answerTo(request);
    send(response, status, verdict);
  });
}

function verdictOn(request: IncomingMessage, verifier: PeerVerifier, partners: PartnerSet | undefined): Verdict {
  const outcome = optionalPeerOf(request);
  const presented = presentedCertificatesOf(request);
  const [leaf] = presented;
  if (outcome === undefined) {
    const address = request.socket.remoteAddress ?? 'not known';
    return refusedVerdict(new Refusal('CS-PEER-001', { address }));
  }
  if ('refusal' in outcome) return refusedVerdict(exactly(outcome.refusal, presented, verifier), leaf);
  try {
    return acceptedVerdict(outcome.peer, partners);
  } catch (error) {
    if (isRefusal(error)) return refusedVerdict(error, leaf);
    throw error;
  }
}

/** OpenSSL refuses with a word; the same verifier as everywhere says which certificate, which name and which rule. */
function exactly(refusal: Refusal, presented: readonly Uint8Array[], verifier: PeerVerifier): Refusal {
  if (presented.length === 0 || refusal.evidence['subject'] !== 'not read') return refusal;
  try {
    verifier.verify(presented);
  } catch (error) {
    if (isRefusal(error)) return error;
  }
  // Refused by the first stage alone, which decides as well.
  return refusal;
}

function notThere(method: string, path: string): Verdict {
  return refusedVerdict(new Refusal('CS-ACCESS-004', { method, path }));
}

function send(response: ServerResponse, status: number, verdict: Verdict): void {
  const text = `${JSON.stringify(verdict)}\n`;
  response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(text) });
  response.end(text);
}
