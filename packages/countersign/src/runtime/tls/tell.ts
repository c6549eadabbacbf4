/** Telling a listener something. What it throws must neither keep a connection open nor end the process: it becomes a warning of the process. */

export function tell<Facts extends readonly unknown[]>(
  listener: ((...facts: Facts) => void) | undefined,
  ...facts: Facts
): void {
  try {
    listener?.(...facts);
  } catch (error) {
    process.emitWarning(error instanceof Error ? error : new Error('a listener failed', { cause: error }));
  }
}
