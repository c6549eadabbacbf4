/** A credential in a folder, for people and as data: who, until when, which files. */
import { join } from 'node:path';
import { toRfc3339 } from '../ground/clock/index.ts';
import { printable } from '../ground/errors/index.ts';
import { credentialFiles, namesOf, type HeldCredential } from '../traffic/enrollment/index.ts';
import type { Fields } from './output/output.ts';
import { formatDuration } from './text/duration.ts';
import { beside } from './text/wrap.ts';

export function credentialFields({ leaf, authority, trustDomain }: HeldCredential, folder: string): Fields {
  return {
    out: folder,
    serial: leaf.serialNumber,
    names: namesOf(leaf),
    notAfter: toRfc3339(leaf.notAfter),
    spiffeId: leaf.subjectAltName.uri[0] ?? null,
    authority,
    trustDomain,
  };
}

/** @param done what happened to it: "issued" */
export function credentialText(done: string, { leaf }: HeldCredential, folder: string, now: number): string {
  const { certificate, key, roots } = credentialFiles;
  const left = formatDuration(leaf.notAfter + 1000 - now);
  return [
    ...beside(done, printable(namesOf(leaf).join(' ')), 1, 12),
    ...beside('until', `${toRfc3339(leaf.notAfter)} (${left})`, 1, 12),
    ...beside('serial', leaf.serialNumber, 1, 12),
    ...beside('files', [certificate, key, roots].map((file) => join(folder, file)).join(' '), 1, 12),
  ].join('\n');
}
