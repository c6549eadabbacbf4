/** `doctor partners`: which certificates of partners come from public authorities, and so lose clientAuth at their next renewal. */
import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { toRfc3339 } from '../../ground/clock/index.ts';
import { isRefusal, printable, Refusal } from '../../ground/errors/index.ts';
import { clientUseOf, type ClientUse } from '../../identity/partners/index.ts';
import { type Certificate, parseCertificate, readCertificatesPem } from '../../identity/x509/index.ts';
import { readFailure } from '../../runtime/config/index.ts';
import type { Call } from '../call.ts';
import { readInput } from '../input/read-input.ts';
import { table } from '../text/table.ts';

interface Looked {
  readonly file: string;
  readonly use: ClientUse | 'unreadable';
  readonly name: string;
  readonly issuer: string;
  readonly notAfter: string;
}

const words: Readonly<Record<Looked['use'], string>> = {
  private: 'stays',
  'ends-at-renewal': 'ENDS',
  ended: 'NO CLIENT',
  unreadable: 'unreadable',
};

export async function run(call: Call): Promise<number> {
  const { output, world } = call;
  const files = (await Promise.all(call.arguments.map((name) => filesIn(name, world.workingDirectory)))).flat();
  const found: Looked[] = [];
  for (const file of files) {
    found.push(look(file, await readInput(file, world)));
    output.progress(`${String(found.length)} of ${String(files.length)} files`);
  }
  for (const one of found) output.event('certificate', { ...one });
  const count = (use: Looked['use']): number => found.filter((one) => one.use === use).length;
  if (!output.json) output.say(text(found));
  const [endsAtRenewal, ended, unreadable] = [count('ends-at-renewal'), count('ended'), count('unreadable')];
  if (endsAtRenewal + ended > 0)
    output.hint(
      ' give these a certificate of your own: countersign partner invite NAME; accept both until they have moved',
    );
  output.result({ certificates: found.length, endsAtRenewal, ended, unreadable });
  return endsAtRenewal + ended > 0 ? 1 : 0;
}

/** Of a folder the files in it, and no deeper. */
async function filesIn(name: string, workingDirectory: string): Promise<readonly string[]> {
  const path = resolve(workingDirectory, name);
  try {
    if (!(await stat(path)).isDirectory()) return [name];
    const entries = await readdir(path, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile() && /\.(?:pem|crt|cer|der)$/i.test(entry.name))
      .map((entry) => join(name, entry.name))
      .sort();
  } catch (error) {
    throw readFailure(error, name);
  }
}

/** The first certificate of a file: what stands behind it is its chain. */
function look(file: string, octets: Uint8Array): Looked {
  try {
    const leaf = leafOf(octets);
    const { subjectAltName, subject, issuer, notAfter } = leaf;
    const name = subjectAltName.dns[0] ?? subjectAltName.uri[0] ?? subject.text;
    return { file, use: clientUseOf(leaf), name, issuer: issuer.text, notAfter: toRfc3339(notAfter) };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return { file, use: 'unreadable', name: error.message, issuer: '', notAfter: '' };
  }
}

/** "-----BEGIN" somewhere: PEM; DER begins with a SEQUENCE. */
function leafOf(octets: Uint8Array): Certificate {
  if (octets[0] === 0x30) return parseCertificate(octets);
  const [leaf] = readCertificatesPem(new TextDecoder('latin1').decode(octets));
  if (leaf === undefined) throw new Refusal('CS-PEM-002', { expected: 'CERTIFICATE', found: 'nothing' });
  return leaf;
}

function text(found: readonly Looked[]): string {
  if (found.length === 0) return ' no files that end in .pem, .crt, .cer or .der';
  const rows = found.map(({ file, use, name, issuer, notAfter }) => ({
    cells: [words[use], notAfter],
    below: printable([file, name, ...(issuer === '' ? [] : [`by ${issuer}`])].join('; ')),
  }));
  return table(['CLIENT USE', 'UNTIL'], rows);
}
