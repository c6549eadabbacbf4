/** What docs/clients.md says that a program makes of a refusal in the handshake; the texts are of the versions that it names, and of no others. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const page = join(import.meta.dirname, '../../../docs/clients.md');

export interface Row {
  readonly withoutCertificate: readonly string[];
  readonly refused: readonly string[];
}

export function rowOf(program: string): Row | undefined {
  for (const line of readFileSync(page, 'utf8').split('\n')) {
    const [, name = '', ...cells] = line.split('|');
    if (name.trim() !== program) continue;
    const [withoutCertificate = [], refused = [], byChance = []] = cells.map(phrasesOf);
    return { withoutCertificate: [...withoutCertificate, ...byChance], refused: [...refused, ...byChance] };
  }
  return undefined;
}

function phrasesOf(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, phrase = '']) => phrase);
}
