/** A Unix socket's path in a form that fits: the kernel's field for it holds 107 bytes and a terminating zero. */
import { closeSync, constants, openSync } from 'node:fs';
import { basename, dirname } from 'node:path';

import { Refusal } from '../../ground/errors/index.ts';
import { readFailure } from './file-failure.ts';

/** sun_path of unix(7): 108 bytes on Linux; 104 elsewhere (macOS). One is the zero. */
const maximumBytes = process.platform === 'linux' ? 107 : 103;

export interface SocketPath {
  /** What to listen on or connect to. */
  readonly path: string;
  /** Call when nothing listens or connects there any more; the path means nothing afterwards. */
  release(): void;
}

/** On Linux a longer path is reached through an open handle of its directory (proc(5), `/proc/self/fd`); elsewhere it is refused. */
export function socketPath(path: string): SocketPath {
  const bytes = Buffer.byteLength(path);
  if (bytes <= maximumBytes) return { path, release: () => undefined };
  const name = basename(path);
  if (process.platform !== 'linux' || Buffer.byteLength(name) > 64) {
    throw new Refusal('CS-FILE-007', { path, bytes, maximumBytes });
  }
  const directory = openDirectory(dirname(path));
  let open = true;
  return {
    path: `/proc/self/fd/${String(directory)}/${name}`,
    release: () => {
      if (open) closeSync(directory);
      open = false;
    },
  };
}

function openDirectory(path: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  } catch (error) {
    throw readFailure(error, path);
  }
}
