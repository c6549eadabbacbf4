/** What a program that is run finds in its environment: files, names, the port to listen on, and for Node the preload. */
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { credentialFiles } from '../../traffic/enrollment/index.ts';
import type { Call } from '../call.ts';
import { tokenVariable } from '../input/token-source.ts';

export interface ProgramPlace {
  readonly folder: string;
  readonly spiffeId: string;
  /** The plain port before which the front stands. */
  readonly port: number | undefined;
  /** Whether calls of Node programs are given the certificate. */
  readonly preload: boolean;
}

type Environment = Call['world']['env'];

/** Beside the launcher, in the sources and in the package. */
const preloadUrl = pathToFileURL(join(packageFolder(), 'bin', 'preload.mjs')).href;

export function programEnvironment(env: Environment, { folder, spiffeId, port, preload }: ProgramPlace): Environment {
  return {
    ...env,
    // Used up, and a secret all the same.
    [tokenVariable]: undefined,
    COUNTERSIGN_CERT: join(folder, credentialFiles.certificate),
    COUNTERSIGN_KEY: join(folder, credentialFiles.key),
    COUNTERSIGN_ROOTS: join(folder, credentialFiles.roots),
    COUNTERSIGN_SPIFFE_ID: spiffeId,
    ...(port === undefined ? {} : { PORT: String(port) }),
    ...(preload ? preloading(env, folder, port) : { COUNTERSIGN_PRELOAD: undefined }),
  };
}

/** In NODE_OPTIONS, so that whatever starts Node in the end (npm, npx, a shell) hands it on. */
function preloading(env: Environment, folder: string, port: number | undefined): Environment {
  const { certificate, key } = credentialFiles;
  const option = `--import=${preloadUrl}`;
  const others = (env['NODE_OPTIONS'] ?? '').split(' ').filter((one) => one !== '' && one !== option);
  return {
    NODE_OPTIONS: [option, ...others].join(' '),
    COUNTERSIGN_PRELOAD: JSON.stringify({ folder, certificate, key, port }),
  };
}

function packageFolder(): string {
  return dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
}
