/** Groups calls that come at the same time, so that one durable write serves them all. */

interface Waiting<Item, Answer> {
  readonly item: Item;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One batch runs at a time; what comes meanwhile forms the next.
 * @param run answers each item in order, with an `Error` where that item alone failed; a rejection fails the whole batch
 * @param most items of one batch
 */
export function groupCalls<Item, Answer>(
  run: (items: readonly Item[]) => Promise<readonly (Answer | Error)[]>,
  most: number,
): (item: Item) => Promise<Answer> {
  const waiting: Waiting<Item, Answer>[] = [];
  let running = false;

  const drain = async (): Promise<void> => {
    running = true;
    // What was called in the same turn belongs to the same batch.
    await Promise.resolve();
    while (waiting.length > 0) await settle(waiting.splice(0, most), run);
    running = false;
  };

  return (item) =>
    new Promise<Answer>((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (!running) void drain();
    });
}

async function settle<Item, Answer>(
  batch: readonly Waiting<Item, Answer>[],
  run: (items: readonly Item[]) => Promise<readonly (Answer | Error)[]>,
): Promise<void> {
  try {
    const answers = await run(batch.map(({ item }) => item));
    for (const [index, { resolve, reject }] of batch.entries()) {
      const answer = answers[index];
      if (answer === undefined || answer instanceof Error)
        reject(answer ?? new TypeError('a batch answers each of its items'));
      else resolve(answer);
    }
  } catch (error) {
    for (const { reject } of batch) reject(error);
  }
}
