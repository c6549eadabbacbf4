/** The memory behind large arrays: handed on between threads, and given back at once, since the collector sees little of it and lets it pile up. */

/** What arrays lie in, each once, to be handed on: they are empty afterwards. Shared memory is not among it. */
export function buffersOf(arrays: readonly ArrayBufferView[]): ArrayBuffer[] {
  const buffers = new Set(arrays.map(({ buffer }) => buffer));
  return [...buffers].filter((buffer): buffer is ArrayBuffer => buffer instanceof ArrayBuffer && !buffer.detached);
}

/** They are empty afterwards, as is whatever lies in the same memory. */
export function giveBack(arrays: readonly ArrayBufferView[]): void {
  for (const buffer of buffersOf(arrays)) buffer.transfer(0);
}
