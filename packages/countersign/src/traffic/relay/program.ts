/** A program behind a relay, whatever version of HTTP it speaks: it is asked, and it answers. */
import type { Readable, Writable } from 'node:stream';
import type { HeaderList } from './program-headers.ts';

export interface Upstream {
  readonly host: string;
  readonly port: number;
}

export interface Question {
  readonly upstream: Upstream;
  readonly method: string;
  readonly target: string;
  /** `host` among them; nothing of one connection alone. */
  readonly headers: HeaderList;
  readonly hasBody: boolean;
  /** The caller's connection, which emits `close`. */
  readonly connection: CallersConnection;
  /** For programs that are told who calls ahead of each connection (`prefacedProgram`); to others it says nothing. */
  readonly preface?: Uint8Array | undefined;
  /** Where the asker keeps `headers` for more than one question: what they were written as. */
  readonly written?: WrittenHeaders | undefined;
  /** Of the monotonic clock, where the asker has just read it: each look costs as much as choosing a connection. */
  readonly nowMs?: number | undefined;
}

/** Headers as HTTP/1.1 says them. */
export interface HeaderLines {
  /** Each with the end of its line; to be written as latin1. */
  readonly lines: string;
  /** What `content-length` says. */
  readonly length: string | undefined;
}

/** Of one list of headers: whoever writes them first leaves here what came of it. */
export interface WrittenHeaders {
  said: HeaderLines | undefined;
}

export interface CallersConnection {
  once(event: 'close', listener: () => void): unknown;
}

export interface Answer {
  readonly status: number;
  readonly reason: string | undefined;
  readonly headers: HeaderList;
  /** As it comes; or all of it, where it came with the header. */
  readonly body: Readable | Uint8Array;
  /** It ended with its header. */
  readonly bodiless: boolean;
  /** Known when the body has ended. */
  trailers(): readonly string[];
  /** Where the program keeps `headers` for more than one answer: what they were written as. */
  readonly written?: WrittenAnswer | undefined;
}

/** The status and headers of an answer, as a caller gets them; whoever writes them first leaves here what came of it. */
export interface WrittenAnswer {
  /** Name after value, as node:http takes them. */
  http1: string[] | undefined;
  /** Name after value with the status among them, as node:http2 takes them. */
  http2: string[] | undefined;
}

export interface AskingListeners {
  readonly onAnswer: (answer: Answer) => void;
  readonly onFailure: (error: Error) => void;
}

export interface Asking {
  /** Takes the body; `undefined` where the question has none. */
  readonly body: Writable | undefined;
  /** Before the end of the body. */
  trail(trailers: HeaderList): void;
  /** Called at most once each; `onFailure` also after an answer. */
  on(listeners: AskingListeners): void;
  /** Nobody waits for it any more. */
  giveUp(): void;
}

export interface Program {
  /** @throws what Node throws where the question cannot be said in the program's version of HTTP */
  ask(question: Question): Asking;
}
