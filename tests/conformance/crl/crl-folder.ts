/** A folder of cases about revocation lists: expected.json, and files of PEM blocks with text above them, each plain or gzipped. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { CannotRun } from '../runner-command.ts';
import { readVectorFile, readVectorJson } from '../vector-file.ts';

export type CrlAnswer = 'good' | 'revoked' | 'refused';

export interface CrlCase {
  /** The file's name. */
  readonly name: string;
  readonly expected: CrlAnswer;
}

/** DER, each. */
export interface CrlFile {
  readonly lists: readonly Uint8Array[];
  readonly authorities: readonly Uint8Array[];
  readonly leaf: Uint8Array | undefined;
}

export interface CrlFolder {
  readonly cases: readonly CrlCase[];
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly mostAgeMs: number;
  /** Throws `CannotRun` where there is no such file. */
  readonly file: (name: string) => CrlFile;
}

const expectedForm = z.object({
  verifyTime: z.iso.datetime({ offset: true }),
  maxAgeSeconds: z.number().positive(),
  expected: z.record(z.string(), z.enum(['good', 'revoked', 'refused'])),
});

const folderRemedy =
  'Give a folder that holds expected.json (verifyTime, maxAgeSeconds, expected) and the files it names.';

/** Throws `CannotRun` for a folder that is not of this form. */
export function readCrlFolder(directory: string): CrlFolder {
  const index = either(join(directory, 'expected.json'));
  if (index === undefined) throw new CannotRun(3, `${directory} holds no expected.json`, folderRemedy);
  const read = expectedForm.safeParse(readVectorJson(index));
  if (!read.success) {
    const [issue] = read.error.issues;
    const where = issue === undefined ? '' : `: ${issue.path.join('.')} ${issue.message}`;
    throw new CannotRun(3, `${index} does not say what is expected${where}`, folderRemedy);
  }
  const { verifyTime, maxAgeSeconds, expected } = read.data;
  return {
    cases: Object.entries(expected).map(([name, answer]) => ({ name, expected: answer })),
    at: Date.parse(verifyTime),
    mostAgeMs: maxAgeSeconds * 1000,
    file: (name) => {
      const path = name.includes('/') ? undefined : either(join(directory, name));
      if (path === undefined) throw new CannotRun(3, `${directory} holds no file ${name}`, folderRemedy);
      return blocksOf(new TextDecoder().decode(readVectorFile(path)));
    },
  };
}

function either(path: string): string | undefined {
  return [path, `${path}.gz`].find((one) => existsSync(one));
}

function blocksOf(text: string): CrlFile {
  const blocks = [...text.matchAll(/-----BEGIN ([^-]+)-----([^-]*)-----END \1-----/g)].map(
    ([, label = '', base64 = '']) => ({
      label,
      bytes: new Uint8Array(Buffer.from(base64, 'base64')),
    }),
  );
  const labelled = (form: RegExp): Uint8Array[] =>
    blocks.filter(({ label }) => form.test(label)).map(({ bytes }) => bytes);
  return {
    lists: labelled(/^(X509 )?CRL( \d+)?$/),
    authorities: labelled(/^CA CERTIFICATE( \d+)?$/),
    leaf: labelled(/^CERTIFICATE$/)[0],
  };
}
