/** What goes on of a request's header, kept from one request of a connection to the next: most say again what the last one said. */
import type { HeaderList, WrittenHeaders } from '../../relay/index.ts';
import type { IdentityQuestion, MakeHeaders } from '../identity/sent-identity.ts';
import type { Connection } from './demands.ts';

export class SentHeaders implements WrittenHeaders {
  readonly list: HeaderList;
  said: WrittenHeaders['said'];

  constructor(list: HeaderList) {
    this.list = list;
  }
}

/** All that decides what goes on, under one configuration. */
interface Said extends Pick<IdentityQuestion, 'rawHeaders' | 'caller' | 'partner' | 'route'> {
  readonly headers: SentHeaders;
}

/** Of one connection. */
class Last {
  said: Said | undefined;
}

/** Characters of names and values. Own choice. */
const mostKept = 2048;

/** Connections; those that have not been here for so many others keep nothing, since what rests is to be small. Own choice. */
const mostConnections = 1024;

export class SentBefore {
  readonly #make: MakeHeaders;
  /** An entry is kept for as long as its connection: one that is put in for each request would cost more than it saves. */
  readonly #last = new WeakMap<Connection, Last>();
  /** What a connection said goes with it. */
  readonly #keeping: WeakRef<Last>[] = [];
  #oldest = 0;
  /** Under which all of it was made: a connection that rests would hold a former one, which may be large. */
  #configuration: object | undefined;

  constructor(make: MakeHeaders) {
    this.#make = make;
  }

  /** @param connection on which the request came; its address and host are the same for each */
  headersFor(connection: Connection, question: IdentityQuestion): SentHeaders {
    const { rawHeaders, caller, partner, route, configuration } = question;
    if (configuration !== this.#configuration) this.#forgetAll(configuration);
    const last = this.#last.get(connection);
    const before = last?.said;
    if (before !== undefined && isAgain(before, question)) return before.headers;
    const headers = new SentHeaders(this.#make(question));
    // What is signed says which request it is for.
    if (route.settings.identity === 'signed' || lengthOf(rawHeaders) > mostKept) return headers;
    const said = { rawHeaders, caller, partner, route, headers };
    if (last !== undefined && before !== undefined) last.said = said;
    else this.#keep(connection, last ?? new Last(), said);
    return headers;
  }

  #forgetAll(configuration: object): void {
    this.#configuration = configuration;
    for (const kept of this.#keeping.splice(0)) forget(kept);
    this.#oldest = 0;
  }

  #keep(connection: Connection, last: Last, said: Said): void {
    last.said = said;
    this.#last.set(connection, last);
    forget(this.#keeping[this.#oldest]);
    this.#keeping[this.#oldest] = new WeakRef(last);
    this.#oldest = (this.#oldest + 1) % mostConnections;
  }
}

function forget(kept: WeakRef<Last> | undefined): void {
  const last = kept?.deref();
  if (last !== undefined) last.said = undefined;
}

function isAgain(before: Said, { rawHeaders, caller, partner, route }: IdentityQuestion): boolean {
  if (before.route !== route || before.caller !== caller || before.partner !== partner) return false;
  if (before.rawHeaders.length !== rawHeaders.length) return false;
  for (let at = 0; at < rawHeaders.length; at += 1) if (before.rawHeaders[at] !== rawHeaders[at]) return false;
  return true;
}

function lengthOf(rawHeaders: readonly string[]): number {
  let length = 0;
  for (const one of rawHeaders) length += one.length;
  return length;
}
