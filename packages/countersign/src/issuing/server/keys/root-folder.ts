/** The folder in which a root is carried and kept apart from its authority: its key under a passphrase, its certificate, and the transcripts. */
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { encodePem, equalBytes } from '../../../ground/encoding/index.ts';
import { isRefusal, Refusal } from '../../../ground/errors/index.ts';
import { readCertificatesPem } from '../../../identity/x509/index.ts';
import { readTextFile, writeFailure, writeFileAtomically } from '../../../runtime/config/index.ts';
import type { HeldKey } from '../../authority/index.ts';
import { keyFiles } from './key-files.ts';
import { keyText, readKeyFile } from './key-file.ts';
import type { GivenPassphrase, KeyPassphrases } from './passphrases.ts';
import { type Ceremony, type CeremonyFile, writeTranscript } from './transcript.ts';

export interface CarriedRoot {
  readonly root: HeldKey;
  readonly trustDomain: string;
}

export interface KeptTranscript {
  /** Paths. */
  readonly text: string;
  readonly json: string;
  readonly signature: string;
}

/** What of a new root's folder stands in its transcript. */
export function rootFiles({ certificate, privateKey }: HeldKey, passphrase: GivenPassphrase): readonly CeremonyFile[] {
  return [
    { name: keyFiles.anchor, contents: encodePem('CERTIFICATE', certificate.raw) },
    { name: keyFiles.rootKey, contents: keyText(privateKey, passphrase) },
  ];
}

/** Into a folder that is new or empty. */
export async function writeRootFolder(folder: string, files: readonly CeremonyFile[]): Promise<void> {
  await makeEmpty(folder);
  for (const { name, contents } of files) await writeFileAtomically(join(folder, name), contents);
}

async function makeEmpty(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    if ((await readdir(folder)).length === 0) return;
  } catch (error) {
    throw writeFailure(error, folder);
  }
  throw new Refusal('CS-FILE-004', { path: folder, reason: 'EEXIST: it is not empty' });
}

/** @throws CS-CEREMONY-002 where it is no root's */
export async function openRootFolder(folder: string, passphrases: KeyPassphrases): Promise<CarriedRoot> {
  const path = join(folder, keyFiles.anchor);
  const [certificate] = await read(folder, async () => readCertificatesPem(await readTextFile(path)));
  const [uri = ''] = certificate?.subjectAltName.uri ?? [];
  if (certificate === undefined || !uri.startsWith('spiffe://')) throw noRoot(folder, `${keyFiles.anchor} is no root`);
  const { privateKey } = await read(folder, () => readKeyFile(join(folder, keyFiles.rootKey), passphrases));
  if (!equalBytes(privateKey.publicKey.raw, certificate.publicKey.raw))
    throw noRoot(folder, `${keyFiles.rootKey} is not the key of ${keyFiles.anchor}`);
  return { root: { certificate, privateKey }, trustDomain: uri.slice('spiffe://'.length) };
}

/** What is missing or damaged is told of the folder; a passphrase that is wrong stays what it is. */
async function read<T>(folder: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!isRefusal(error) || !/^CS-(FILE|PEM|DER|X509|STATE)-/.test(error.code)) throw error;
    const { path = '', file = path, rule = '' } = error.evidence;
    throw noRoot(folder, `${error.title} ${String(file)} ${String(rule)}`.trim(), error);
  }
}

function noRoot(folder: string, rule: string, cause?: Refusal): Refusal {
  return new Refusal('CS-CEREMONY-002', { folder, rule }, { cause });
}

/** Beside the root, under the next number that is free. */
export async function keepTranscript(folder: string, ceremony: Ceremony, root: HeldKey): Promise<KeptTranscript> {
  const names = await readdir(folder);
  let number = 1;
  while (names.includes(`transcript-${String(number)}.json`)) number += 1;
  const name = `transcript-${String(number)}`;
  const { text, json, signature } = writeTranscript(ceremony, root, name);
  const paths = { text: `${name}.txt`, json: `${name}.json`, signature: `${name}.sig` };
  await writeFileAtomically(join(folder, paths.text), text);
  await writeFileAtomically(join(folder, paths.json), json);
  await writeFileAtomically(join(folder, paths.signature), signature);
  return {
    text: join(folder, paths.text),
    json: join(folder, paths.json),
    signature: join(folder, paths.signature),
  };
}
