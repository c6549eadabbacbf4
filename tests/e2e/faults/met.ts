/** What came back to the person who met a fault. */
export interface Met {
  readonly code: string | undefined;
  /** Everything that was said, on stdout and stderr, or the body of the answer. */
  readonly text: string;
  /** The command's exit status, or the HTTP status of an answer. */
  readonly status: number | null;
}
