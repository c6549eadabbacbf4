/** What the registry says of one refusal: everything that a person, a log or a program is told of it. */
export interface RefusalEntry {
  /** A few words, lower case, no full stop: "no certificate". */
  readonly title: string;
  /** One or two sentences: what happened and why it is refused. */
  readonly cause: string;
  /** The names of the facts that come with each occurrence, in the order in which they are shown. */
  readonly evidence: readonly string[];
  /** What to do about it, as an instruction. */
  readonly remedy: string;
  /** The command's exit status: 1 the answer is no, 2 used wrongly, 3 could not. */
  readonly exit: 1 | 2 | 3;
  /** The HTTP status of the problem document (RFC 9457). */
  readonly http: number;
}
