/** One request that turns its connection into something else, as WebSockets do: to the upstream, and both ways from then on. */
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { isRefusal, Refusal } from '../../../ground/errors/index.ts';
import { type HeaderList, relayUpgrade } from '../../relay/index.ts';
import { challengeOf } from '../tokens/token-demand.ts';
import { admit } from './admit.ts';
import { refusalBytes } from './answer-refusal.ts';
import { isCallerGone } from './caller-gone.ts';
import type { Denial } from './demands.ts';
import { type AllowedPassage, headerRefusal, isAllowed, type Passage } from './passage.ts';
import type { ServiceParts } from './service-parts.ts';
import type { Relayed } from './relayed.ts';

export interface Upgrading {
  readonly request: IncomingMessage;
  readonly socket: TLSSocket;
  readonly head: Buffer;
}

export function serveUpgrade(parts: ServiceParts, passage: Passage, upgrading: Upgrading): void {
  const { request, socket } = upgrading;
  const { decision } = passage;
  const onGone = (): void => parts.tell(passage, { status: undefined, failure: undefined, denied: false });
  const answer = ({ refusal, headers }: Denial, denied: boolean): void => {
    socket.off('close', onGone);
    // CONNECT, behind a request that is not answered: nothing may be said before that is.
    const isEarly = parts.malformed.isServing(socket);
    if (isEarly) socket.destroy();
    else socket.end(refusalBytes(refusal, headers));
    parts.tell(passage, { status: isEarly ? undefined : refusal.http, failure: refusal, denied });
  };
  if (!isAllowed(passage)) {
    if (!decision.allowed) answer(decision, false);
    return;
  }
  // What has a body is no upgrade, and is refused where it would go on.
  const tooMuch = headerRefusal({ rawHeaders: request.rawHeaders, hasBody: false }, passage.decision.route);
  if (tooMuch !== undefined) {
    answer({ refusal: tooMuch }, false);
    return;
  }
  socket.once('close', onGone);
  admit(
    passage,
    request.rawHeaders,
    {
      connection: socket,
      // What an upgrade is answered with is the program's own.
      tell: () => undefined,
      isGone: () => isCallerGone(socket, socket),
      deny: (denial) => answer(denial, true),
      goOn: (admitted) => {
        const refusal = upgrade(parts, admitted, upgrading);
        if (refusal === undefined) socket.off('close', onGone);
        else answer({ refusal }, false);
      },
    },
    parts.current,
  );
}

/** @returns why nobody can be asked */
function upgrade(
  parts: ServiceParts,
  passage: AllowedPassage,
  { request, socket, head }: Upgrading,
): Refusal | undefined {
  const { generation } = passage;
  const { route, target } = passage.decision;
  const name = route.settings.name;
  const chosen = generation.upstreams.choose(route.settings.upstream);
  if (isRefusal(chosen)) return chosen;
  if (!chosen.upgrades) return new Refusal('CS-GATEWAY-029', { route: name });
  const headers = parts.headersOf(passage, request.rawHeaders, socket).list;
  const preface = parts.prefaceOf(chosen, passage, socket);
  const underWay: Relayed = { place: -1, caller: undefined, relayed: passage, end: (refusal) => end(refusal) };
  const fallen = parts.underWay.add(underWay, socket);
  if (fallen !== undefined) {
    chosen.done('unknown');
    return fallen;
  }
  const { upstream, bounds } = route.settings;
  let failure: Refusal | undefined;
  let status: number | undefined;
  /** As long as the upstream has said nothing the caller is told why. */
  const end = (refusal: Refusal, headers?: HeaderList): void => {
    failure ??= refusal;
    if (status === undefined) socket.end(refusalBytes(failure, headers), () => socket.destroy());
    else socket.destroy();
    status ??= failure.http;
  };
  const { answerMs: timeoutMs } = bounds;
  const timer = parts.clock.after(
    timeoutMs,
    () => end(new Refusal('CS-GATEWAY-021', { route: name, upstream, timeoutMs })),
    { unref: true },
  );
  const { endsAt } = passage.noted;
  // What it becomes has no end of its own: it has one with the token that it was let in by.
  const onTokenEnd = (refusal: Refusal): void => end(refusal, challengeOf(refusal, route.settings.token?.scopes ?? []));
  const ending = endsAt === undefined ? undefined : parts.tokenEnds.at(endsAt, onTokenEnd);
  socket.once('close', () => {
    timer.cancel();
    ending?.cancel();
    parts.underWay.remove(underWay);
    chosen.done(failure === undefined && status !== undefined ? 'answered' : 'unknown');
    parts.tell(passage, { status, failure, denied: false });
  });
  relayUpgrade({
    request,
    target,
    socket,
    head,
    upstream: chosen.upstream,
    headers,
    open: () => chosen.open(preface),
    onUnsayable: () => end(new Refusal('CS-GATEWAY-088', { route: name })),
    onAnswer: (given) => {
      timer.cancel();
      status = given;
    },
    onFailure: (error) => {
      if (failure === undefined) chosen.done('failed');
      end(isRefusal(error) ? error : chosen.failureOf(error));
    },
  });
  return undefined;
}
