/** A folder of OCSP cases: PEM files with a certificate, its issuer's and a response, and expected.json, which says what a checker must answer. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { CannotRun } from '../runner-command.ts';
import { readVectorJson } from '../vector-file.ts';

export interface OcspCase {
  /** The file's. */
  readonly name: string;
  readonly expected: 'good' | 'revoked' | 'refused';
  /** What expected.json says further of a refusal. */
  readonly hint: string;
  /** The first block with this label; throws `CannotRun` where there is none. */
  readonly block: (label: string) => Uint8Array;
}

export interface OcspFolder {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly mostAgeMs: number;
  readonly cases: readonly OcspCase[];
}

const form = z.object({
  verifyTime: z.iso.datetime(),
  maxAgeSeconds: z.number().int().positive(),
  expected: z.record(z.string(), z.string().regex(/^(?:good|revoked|refused(?:: .*)?)$/)),
});

const folderRemedy = 'Give a folder that holds expected.json and the PEM files that it names.';

/** Throws `CannotRun` for a folder that is not of this form. */
export function readOcspFolder(directory: string): OcspFolder {
  const path = join(directory, 'expected.json');
  if (!existsSync(path)) throw new CannotRun(3, `${directory} holds no expected.json`, folderRemedy);
  const read = form.safeParse(readVectorJson(path));
  if (!read.success) {
    const [issue] = read.error.issues;
    const where = issue === undefined ? '' : `: ${issue.path.join('.')} ${issue.message}`;
    throw new CannotRun(3, `${path} is not what is expected of OCSP${where}`, folderRemedy);
  }
  const { verifyTime, maxAgeSeconds, expected } = read.data;
  const cases = Object.entries(expected).map(([name, words]): OcspCase => {
    const [answer = '', ...hint] = words.split(': ');
    return {
      name,
      expected: answer === 'good' || answer === 'revoked' ? answer : 'refused',
      hint: hint.join(': '),
      block: blocksOf(join(directory, name)),
    };
  });
  return { at: Date.parse(verifyTime), mostAgeMs: maxAgeSeconds * 1000, cases };
}

/** Read when it is asked for: a file that is missing concerns its case alone. */
function blocksOf(path: string): OcspCase['block'] {
  return (label) => {
    if (!existsSync(path)) throw new CannotRun(3, `${path} is not there`, folderRemedy);
    const text = readFileSync(path, 'utf8');
    const base64 = new RegExp(`-----BEGIN ${label}-----([^-]*)-----END ${label}-----`).exec(text)?.[1];
    if (base64 === undefined) throw new CannotRun(3, `${path} holds no ${label}`, folderRemedy);
    return new Uint8Array(Buffer.from(base64, 'base64'));
  };
}
