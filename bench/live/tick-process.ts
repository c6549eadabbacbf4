/** What a tick costs in a process that rested: `node --expose-gc tick-process.ts young|rested|countersign` prints microseconds of 1,000 ticks. */
const [, , state] = process.argv;

/** More than V8 keeps a shape for that nothing has. */
const collections = 6;
const ticks = 1_000_000;

if (state === 'countersign') await import('countersign/tls');
await tick(1_000);
for (let done = 0; state !== 'young' && done < collections; done += 1) {
  await new Promise((resolve) => setTimeout(resolve, 5));
  globalThis.gc?.();
}
await tick(ticks);
const before = process.cpuUsage();
await tick(ticks);
const { user, system } = process.cpuUsage(before);
console.log((user + system) / (ticks / 1_000));

function tick(count: number): Promise<void> {
  return new Promise((resolve) => {
    let left = count;
    const next = (): void => {
      left -= 1;
      if (left === 0) setImmediate(resolve);
      else process.nextTick(next);
    };
    process.nextTick(next);
  });
}
