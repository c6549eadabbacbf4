/** What a route is: an operation of the API, who may ask for it, and what answers. */
import type { IncomingMessage, ServerResponse } from 'node:http';

import { Refusal } from '../../ground/errors/index.ts';
import type { Operation } from '../../runtime/api/index.ts';
import type { VerifiedPeer } from '../../runtime/tls/index.ts';

/**
 * Who may ask. `anybody`: there is nothing to protect. `token` and `proof`: the body proves the caller, the handler checks it.
 * `peer`: a verified certificate of this trust domain. `local-owner`: on the local socket, the user who runs the authority, by the kernel's word.
 */
export type Who = 'anybody' | 'token' | 'proof' | 'peer' | 'local-owner';

export interface Caller {
  readonly address: string;
  /** The header, which decides the form of what has several. */
  readonly accept?: string | undefined;
}

export interface PeerCaller extends Caller {
  readonly peer: VerifiedPeer;
}

interface Address {
  readonly method: 'GET' | 'POST';
  readonly path: string;
}

/** As the table holds it: what the schema lets through goes to the handler, types and all, in one function. */
export type Route = Address &
  (
    | { readonly who: 'peer'; readonly answer: (input: unknown, caller: PeerCaller) => Promise<unknown> }
    | {
        readonly who: 'peer';
        readonly stream: (request: IncomingMessage, response: ServerResponse, caller: PeerCaller) => Promise<void>;
      }
    | { readonly who: Exclude<Who, 'peer'>; readonly answer: (input: unknown, caller: Caller) => Promise<unknown> }
  );

/** A route for who has no certificate, or need not have one. */
export function route<Request, Response>(
  who: Exclude<Who, 'peer'>,
  operation: Operation<Request, Response>,
  handle: (request: Request, caller: Caller) => Promise<Response>,
): Route {
  const { method, path, request } = operation;
  return { method, path, who, answer: async (input, caller) => handle(checked(request, input), caller) };
}

/** A route for verified peers alone: its handler cannot be called without one. */
export function peerRoute<Request, Response>(
  operation: Operation<Request, Response>,
  handle: (request: Request, caller: PeerCaller) => Promise<Response>,
): Route {
  const { method, path, request } = operation;
  return { method, path, who: 'peer', answer: async (input, caller) => handle(checked(request, input), caller) };
}

function checked<Request>(shape: Operation<Request, unknown>['request'], input: unknown): Request {
  const parsed = shape.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  // The schema's words and the place, never the value: it may be a secret.
  const place = issue?.path.map(String).join('.') ?? '';
  throw new Refusal('CS-ACCESS-006', {
    rule: `${place === '' ? 'the request' : place}: ${issue?.message ?? 'not as described'}`,
  });
}
