/** What a route is: an operation of the API, who may ask for it, and what answers. */
import type { IncomingMessage, ServerResponse } from 'node:http';

import { Refusal } from '../../ground/errors/index.ts';
import type { Operation, Role } from '../../runtime/api/index.ts';
import type { VerifiedPeer } from '../../runtime/tls/index.ts';
import type { AdministratorCaller } from './access/caller.ts';

/**
 * Who may ask. `anybody`: there is nothing to protect. `token` and `proof`: the body proves the caller, the handler checks it.
 * `peer`: a verified certificate of this trust domain. A role: an administrator who has it, on the local socket or over HTTPS.
 * `administrator`: one with any role, where what it is about decides which.
 */
export type Who = 'anybody' | 'token' | 'proof' | 'peer' | 'administrator' | Role;

/** Who proves himself by what he sends, if at all. */
export type Unnamed = 'anybody' | 'token' | 'proof';

export type Administrative = 'administrator' | Role;

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
  /** Where it takes more than others do. */
  readonly requestBytes?: number | undefined;
  /** What the description of the API says of it. */
  readonly described: Described;
}

export type Described =
  | { readonly operation: Operation<unknown, unknown> }
  | { readonly summary: string; readonly headers: Readonly<Record<string, DescribedHeader>>; readonly answers: string };

export interface DescribedHeader {
  readonly what: string;
  readonly required: boolean;
}

/** As the table holds it: what the schema lets through goes to the handler, types and all, in one function. */
export type Route = Address &
  (
    | { readonly who: 'peer'; readonly answer: (input: unknown, caller: PeerCaller) => Promise<unknown> }
    | {
        readonly who: 'peer';
        readonly stream: (request: IncomingMessage, response: ServerResponse, caller: PeerCaller) => Promise<void>;
      }
    | {
        readonly who: Administrative;
        readonly answer: (input: unknown, caller: AdministratorCaller) => Promise<unknown>;
      }
    | {
        readonly who: Administrative;
        readonly stream: (
          request: IncomingMessage,
          response: ServerResponse,
          caller: AdministratorCaller,
        ) => Promise<void>;
      }
    | { readonly who: Unnamed; readonly answer: (input: unknown, caller: Caller) => Promise<unknown> }
    | {
        readonly who: Unnamed;
        readonly stream: (request: IncomingMessage, response: ServerResponse, caller: Caller) => Promise<void>;
      }
  );

/** A route for who has no certificate, or need not have one. */
export function route<Request, Response>(
  who: Unnamed,
  operation: Operation<Request, Response>,
  handle: (request: Request, caller: Caller) => Promise<Response>,
): Route {
  return { ...addressOf(operation), who, answer: async (input, caller) => handle(checked(operation, input), caller) };
}

/** A route for verified peers alone: its handler cannot be called without one. */
export function peerRoute<Request, Response>(
  operation: Operation<Request, Response>,
  handle: (request: Request, caller: PeerCaller) => Promise<Response>,
): Route {
  return {
    ...addressOf(operation),
    who: 'peer',
    answer: async (input, caller) => handle(checked(operation, input), caller),
  };
}

/** A route for administrators with the role `who` alone: its handler cannot be called without one. */
export function administrativeRoute<Request, Response>(
  who: Administrative,
  operation: Operation<Request, Response>,
  handle: (request: Request, caller: AdministratorCaller) => Promise<Response>,
): Route {
  return { ...addressOf(operation), who, answer: async (input, caller) => handle(checked(operation, input), caller) };
}

function addressOf<Request, Response>(operation: Operation<Request, Response>): Address {
  const { method, path, requestBytes } = operation;
  return { method, path, requestBytes, described: { operation: operation } };
}

function checked<Request>({ request }: Operation<Request, unknown>, input: unknown): Request {
  const parsed = request.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  // The schema's words and the place, never the value: it may be a secret.
  const place = issue?.path.map(String).join('.') ?? '';
  throw new Refusal('CS-ACCESS-006', {
    rule: `${place === '' ? 'the request' : place}: ${issue?.message ?? 'not as described'}`,
  });
}
