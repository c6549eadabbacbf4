/** A body from where it comes to where it goes, as fast as the slower side takes it; what was cut off does not look whole. */
import type { Readable, Writable } from 'node:stream';

/**
 * Data and pause by hand, as bytes are relayed. Where the taker is gone the rest is read and dropped: an answer that came early must still get out.
 * @param beforeEnd called at the end, before the taker hears of it; `false` where it is none
 */
export function pour(from: Readable, to: Writable, beforeEnd: () => boolean): void {
  from.on('data', (chunk: Buffer) => {
    if (isOver(to)) return;
    if (!to.write(chunk)) from.pause();
  });
  to.on('drain', () => from.resume());
  to.on('close', () => from.resume());
  from.on('end', () => {
    if (isOver(to)) return;
    if (beforeEnd()) to.end();
    else to.destroy();
  });
  from.on('close', () => {
    if (!from.readableEnded) to.destroy();
  });
}

function isOver({ destroyed, writableEnded }: Writable): boolean {
  return destroyed || writableEnded;
}
