/** What a program did in the place of an answer, or in the middle of one. */

export type FailureKind =
  /** No connection came about. */
  | 'unreachable'
  /** It closed the connection, or let it break, before the first octet of an answer. */
  | 'no-answer'
  /** The same in the middle of an answer. */
  | 'cut-off'
  /** Not HTTP/1.1, or HTTP/1.1 that two readers would read differently. */
  | 'not-http'
  /** Its header, or what comes after its body, is longer than allowed. */
  | 'too-large'
  /** Interim answers (1xx) without an end. */
  | 'interim-flood';

export class ProgramFailure extends Error {
  readonly kind: FailureKind;

  constructor(kind: FailureKind, reason: string, options?: ErrorOptions) {
    super(reason, options);
    this.name = 'ProgramFailure';
    this.kind = kind;
  }
}

/** @param error of a socket */
export function brokenBy(error: Error, kind: FailureKind): ProgramFailure {
  return new ProgramFailure(kind, 'code' in error ? String(error.code) : error.message, { cause: error });
}
