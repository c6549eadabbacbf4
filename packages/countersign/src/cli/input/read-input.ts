/** The bytes of a file, or of stdin where it is called -. */
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Refusal } from '../../ground/errors/index.ts';
import { readFailure } from '../../runtime/config/index.ts';
import type { World } from '../call.ts';

/** A system's whole trust store in PEM is 0.2 MB; the PEM reader's own limit is as high. */
const maximumBytes = 8 * 1024 * 1024;

/** @param mostBytes above which it is refused; default 8 MiB */
export async function readInput(name: string, world: World, mostBytes: number = maximumBytes): Promise<Uint8Array> {
  if (name === '-') return collected(world.stdin, 'stdin', mostBytes);
  const path = resolve(world.workingDirectory, name);
  try {
    const file = await open(path, 'r');
    return await collected(file.createReadStream({ highWaterMark: 65_536 }), name, mostBytes);
  } catch (error) {
    throw readFailure(error, name);
  }
}

/** Read as text: a secret or PEM. */
export async function readInputText(name: string, world: World): Promise<string> {
  return new TextDecoder().decode(await readInput(name, world));
}

async function collected(stream: AsyncIterable<Buffer | string>, name: string, mostBytes: number): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of stream) {
    bytes += part.length;
    if (bytes > mostBytes) throw new Refusal('CS-FILE-006', { path: name, maximumBytes: mostBytes });
    parts.push(Buffer.from(part as Buffer));
  }
  return new Uint8Array(Buffer.concat(parts));
}
