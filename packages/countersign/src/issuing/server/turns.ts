/** One undertaking after the other, in the order in which they came. */

export type TakeTurn = <T>(undertaking: () => Promise<T>) => Promise<T>;

export function turns(): TakeTurn {
  let last: Promise<unknown> = Promise.resolve();
  return (undertaking) => {
    const mine = last.then(undertaking, undertaking);
    last = mine;
    return mine;
  };
}
