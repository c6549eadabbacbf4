/** What goes on of a request's header, kept from one request of a connection to the next: most say again what the last one said. */
import type { CheckedCaller } from '../../forwarded-identity/index.ts';
import type { HeaderList, WrittenHeaders } from '../../relay/index.ts';
import type { IdentityQuestion, MakeHeaders } from '../identity/sent-identity.ts';
import type { Route } from '../routing/route-table.ts';
import type { Connection } from './demands.ts';

export class SentHeaders implements WrittenHeaders {
  readonly list: HeaderList;
  said: WrittenHeaders['said'];

  constructor(list: HeaderList) {
    this.list = list;
  }
}

/** All that decides what goes on. */
class Sent {
  rawHeaders: readonly string[];
  caller: CheckedCaller | undefined;
  partner: string | undefined;
  route: Route;
  configuration: object;
  headers: SentHeaders;

  constructor({ rawHeaders, caller, partner, route, configuration }: IdentityQuestion, headers: SentHeaders) {
    this.rawHeaders = rawHeaders;
    this.caller = caller;
    this.partner = partner;
    this.route = route;
    this.configuration = configuration;
    this.headers = headers;
  }
}

/** Characters of names and values: what a connection that rests keeps. Own choice. */
const mostKept = 2048;

export class SentBefore {
  readonly #make: MakeHeaders;
  readonly #last = new WeakMap<Connection, Sent>();

  constructor(make: MakeHeaders) {
    this.#make = make;
  }

  /** @param connection on which the request came; its address and host are the same for each */
  headersFor(connection: Connection, question: IdentityQuestion): SentHeaders {
    const last = this.#last.get(connection);
    if (last !== undefined && isAgain(last, question)) return last.headers;
    const headers = new SentHeaders(this.#make(question));
    // What is signed says which request it is for.
    if (question.route.settings.identity === 'signed' || lengthOf(question.rawHeaders) > mostKept) return headers;
    if (last === undefined) this.#last.set(connection, new Sent(question, headers));
    else renew(last, question, headers);
    return headers;
  }
}

function isAgain(last: Sent, { rawHeaders, caller, partner, route, configuration }: IdentityQuestion): boolean {
  const before = last.rawHeaders;
  if (last.route !== route || last.caller !== caller || last.configuration !== configuration) return false;
  if (last.partner !== partner || before.length !== rawHeaders.length) return false;
  for (let at = 0; at < before.length; at += 1) if (before[at] !== rawHeaders[at]) return false;
  return true;
}

function lengthOf(rawHeaders: readonly string[]): number {
  let length = 0;
  for (const one of rawHeaders) length += one.length;
  return length;
}

/** An entry is kept for as long as its connection: one that is put in for each request would cost more than it saves. */
function renew(sent: Sent, question: IdentityQuestion, headers: SentHeaders): void {
  sent.rawHeaders = question.rawHeaders;
  sent.caller = question.caller;
  sent.partner = question.partner;
  sent.route = question.route;
  sent.configuration = question.configuration;
  sent.headers = headers;
}
