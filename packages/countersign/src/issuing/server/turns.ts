/** One undertaking after the other, in the order in which they came; those that can not wait come before all that do. */

export interface Turns {
  take<T>(undertaking: () => Promise<T>): Promise<T>;
  /** Waits for the one under way alone, however many others wait. */
  takeNext<T>(undertaking: () => Promise<T>): Promise<T>;
}

type Step = () => Promise<void>;

export function turns(): Turns {
  const first: Step[] = [];
  const later: Step[] = [];
  let running = false;

  const drain = async (): Promise<void> => {
    running = true;
    for (let step = first.shift() ?? later.shift(); step !== undefined; step = first.shift() ?? later.shift())
      await step();
    running = false;
  };
  const enter = <T>(queue: Step[], undertaking: () => Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      // Asynchronous, so that one that throws at once holds up nobody behind it.
      const begin = async (): Promise<T> => undertaking();
      queue.push(() => begin().then(resolve, reject));
      if (!running) void drain();
    });

  return {
    take: (undertaking) => enter(later, undertaking),
    takeNext: (undertaking) => enter(first, undertaking),
  };
}
