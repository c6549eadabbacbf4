/** Telling a listener something: what it throws, at once or later, changes nothing and becomes a warning of the process. */

export function tell<Facts extends readonly unknown[]>(
  listener: ((...facts: Facts) => void) | undefined,
  ...facts: Facts
): void {
  try {
    // Declared to answer nothing, which an asynchronous function fits as well: nobody else would hear of its rejection.
    const answered: unknown = listener?.(...facts);
    if (answered instanceof Promise) answered.catch(warn);
  } catch (error) {
    warn(error);
  }
}

function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : new Error('a listener failed', { cause: error }));
}
