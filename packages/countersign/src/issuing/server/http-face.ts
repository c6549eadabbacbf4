/** From a request to the route that answers it: found in the table, its caller authorized, its input checked. The same for both listeners. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

import type { Clock } from '../../ground/clock/index.ts';
import { isRefusal, Refusal, withoutSecrets } from '../../ground/errors/index.ts';
import { optionalPeerOf, type VerifiedPeer } from '../../runtime/tls/index.ts';
import type { AdministratorCaller } from './access/caller.ts';
import { requireRoles } from './access/callers.ts';
import { readInput } from './read-input.ts';
import { requireTaken, respond, respondRefused } from './respond.ts';
import type { PeerCaller, Route, Who } from './route.ts';
import type { ServerLog } from './server-event.ts';
import type { ObserveRequest } from './telemetry/observe-requests.ts';

export interface FaceOptions {
  readonly routes: readonly Route[];
  /** Which callers this listener can have; the other routes do not exist here. */
  readonly serves: readonly Who[];
  /** Whether what the authority's own trouble is stays inside: strangers can ask here. */
  readonly networked: boolean;
  /** The administrator who asks; rejects for everybody else. */
  readonly administrator: (request: IncomingMessage, address: string) => Promise<AdministratorCaller>;
  readonly clock: Clock;
  readonly log: ServerLog;
  readonly observe?: ObserveRequest | undefined;
}

export function httpFace(options: FaceOptions): (request: IncomingMessage, response: ServerResponse) => void {
  const { clock, log, networked } = options;
  const table = new Map(
    options.routes
      .filter(({ who }) => options.serves.includes(who))
      .map((route) => [`${route.method} ${route.path}`, route]),
  );

  const serve = async (request: IncomingMessage, response: ServerResponse, address: string): Promise<void> => {
    const route = routeOf(table, request);
    const { accept } = request.headers;
    // The caller before the body is read: who may not ask is not listened to.
    switch (route.who) {
      case 'anybody':
      case 'token':
      case 'proof': {
        const caller = { address, accept };
        if ('stream' in route) await route.stream(request, response, caller);
        else respond(response, await route.answer(await readInput(request, clock, route.requestBytes), caller));
        return;
      }
      case 'peer': {
        const caller: PeerCaller = { address, peer: requirePeer(request) };
        if ('stream' in route) await route.stream(request, response, caller);
        else respond(response, await route.answer(await readInput(request, clock, route.requestBytes), caller));
        return;
      }
      default: {
        const caller = { ...(await options.administrator(request, address)), accept };
        if (route.who !== 'administrator') requireRoles([route.who], caller, `${route.method} ${route.path}`);
        if ('stream' in route) await route.stream(request, response, caller);
        else respond(response, await route.answer(await readInput(request, clock, route.requestBytes), caller));
      }
    }
  };

  return (request, response) => {
    const address = addressOf(request);
    if (!isOneOfFew(request, response)) {
      if (request.socket.destroyed) return;
      const refusal = new Refusal('CS-ACCESS-010', { maximum: mostAtOnce });
      log({ event: 'refused', refusal, endpoint: 'connection', address });
      // An answer would wait for those before it.
      request.socket.destroy();
      return;
    }
    const observed = options.observe?.(request, response, nameOf(table, request));
    const answer = (): Promise<void> => serve(request, response, address);
    const answered = (observed === undefined ? answer() : observed.within(answer)).catch((error: unknown) => {
      const endpoint = `${request.method ?? ''} ${shownPath(request)}`;
      const refusal = isRefusal(error) ? error : new Refusal('CS-ACCESS-009', { endpoint }, { cause: error });
      observed?.refused(refusal.code);
      log({ event: 'refused', refusal, endpoint, address });
      if (refusal.code === 'CS-ACCESS-009') log({ event: 'failed', what: endpoint, why: errorText(error) });
      respondRefused(request, response, refusal, networked);
    });
    // A stream has not ended then: it looks after itself.
    void answered.then(() => requireTaken(request, response, clock));
  };
}

/** Requests of one connection that are answered at a time. Own choice: our clients send the next one after the answer. */
const mostAtOnce = 16;

const underWay = new WeakMap<Socket, number>();

/** Pipelined requests cost memory while they wait, and nothing holds back who sends them as long as none is answered. */
function isOneOfFew({ socket }: IncomingMessage, response: ServerResponse): boolean {
  const count = (underWay.get(socket) ?? 0) + 1;
  if (count > mostAtOnce) return false;
  underWay.set(socket, count);
  response.once('close', () => underWay.set(socket, (underWay.get(socket) ?? 1) - 1));
  return true;
}

/** As metrics and traces call it: one of the table's, never what a stranger typed. */
function nameOf(
  table: ReadonlyMap<string, Route>,
  request: IncomingMessage,
): { readonly name: string; readonly streams: boolean } | undefined {
  const name = `${request.method ?? ''} ${pathOf(request)}`;
  const route = table.get(name);
  return route === undefined ? undefined : { name, streams: 'stream' in route };
}

function routeOf(table: ReadonlyMap<string, Route>, request: IncomingMessage): Route {
  const method = request.method ?? '';
  // Compared as it was sent: nothing is decoded or normalized, so there is one way to write each path.
  const path = pathOf(request);
  const route = table.get(`${method} ${path}`);
  if (route === undefined) throw new Refusal('CS-ACCESS-004', { method, path: shownPath(request) });
  return route;
}

export function requirePeer(request: IncomingMessage): VerifiedPeer {
  const outcome = optionalPeerOf(request);
  if (outcome === undefined) throw new Refusal('CS-ACCESS-001', { endpoint: pathOf(request) });
  if ('refusal' in outcome) throw outcome.refusal;
  return outcome.peer;
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?', 1)[0] ?? '';
}

/** Somebody who types by hand may put a token there, which must not come into a log. */
function shownPath(request: IncomingMessage): string {
  return withoutSecrets(pathOf(request));
}

function addressOf({ socket }: IncomingMessage): string {
  return socket.remoteAddress === undefined
    ? 'local socket'
    : `${socket.remoteAddress}:${String(socket.remotePort ?? 0)}`;
}

function errorText(error: unknown): string {
  return withoutSecrets(error instanceof Error ? (error.stack ?? error.message) : String(error));
}
