/** A new issuer's key and the request for its certificate: the key waits in the folder of keys, the request is for carrying. */
import { join } from 'node:path';

import { encodePem } from '../../../ground/encoding/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import { generatePrivateKey, type PrivateKey, sha256Hex } from '../../../runtime/cryptography/index.ts';
import { encodeIssuerRequest } from '../../authority/index.ts';
import { keyFiles, keyFolderName, keySettingsShape, nextIssuerShape } from './key-files.ts';
import { keyText } from './key-file.ts';
import {
  type FolderContents,
  readKeyFolder,
  readKeyFolderJson,
  replaceKeyFolder,
  settleKeyFolder,
} from './key-folder.ts';
import type { GivenPassphrase } from './passphrases.ts';

export interface IssuerOrder {
  /** The state directory; it exists. A running authority is not disturbed: it reads its keys when it starts. */
  readonly dir: string;
  /** Of a new authority; absent: for the one that is there. */
  readonly trustDomain?: string | undefined;
  /** Name, DER; default one after the trust domain. */
  readonly subject?: Uint8Array | undefined;
  /** Encrypts the key. */
  readonly passphrase: GivenPassphrase | undefined;
}

export interface RequestedIssuer {
  readonly trustDomain: string;
  /** PEM. */
  readonly request: string;
  /** Lower-case hexadecimal SHA-256 of the SubjectPublicKeyInfo. */
  readonly keySha256: string;
  /** Whether an earlier request became void by it. */
  readonly replaced: boolean;
}

export async function requestIssuer({
  dir,
  trustDomain: asked,
  subject,
  passphrase,
}: IssuerOrder): Promise<RequestedIssuer> {
  await settleKeyFolder(dir);
  const contents = (await readKeyFolder(dir)) ?? {};
  const trustDomain = asked ?? (await trustDomainThere(dir));
  if (asked !== undefined && Object.keys(contents).length > 0) throw new Refusal('CS-ISSUER-011', { dir });
  const privateKey = generatePrivateKey('P-256');
  const request = encodePem('CERTIFICATE REQUEST', encodeIssuerRequest(privateKey, { trustDomain, subject }));
  const replaced = await keepWaitingKey(dir, contents, { trustDomain, privateKey, request, passphrase });
  return { trustDomain, request, keySha256: sha256Hex(privateKey.publicKey.raw), replaced };
}

export interface WaitingKey {
  readonly trustDomain: string;
  readonly privateKey: PrivateKey;
  /** Of this key, PEM. */
  readonly request: string;
  readonly passphrase: GivenPassphrase | undefined;
}

/** Beside the keys that are there. Answers whether another one waited, which is gone. */
export async function keepWaitingKey(
  dir: string,
  contents: FolderContents,
  { trustDomain, privateKey, request, passphrase }: WaitingKey,
): Promise<boolean> {
  await replaceKeyFolder(dir, {
    ...contents,
    [keyFiles.nextKey]: keyText(privateKey, passphrase),
    [keyFiles.nextRequest]: request,
    [keyFiles.next]: `${JSON.stringify({ version: 1, trustDomain }, undefined, 2)}\n`,
  });
  return keyFiles.next in contents;
}

async function trustDomainThere(dir: string): Promise<string> {
  const there =
    (await readKeyFolderJson(dir, keyFiles.settings, keySettingsShape)) ??
    (await readKeyFolderJson(dir, keyFiles.next, nextIssuerShape));
  if (there === undefined) throw new Refusal('CS-FILE-001', { path: join(dir, keyFolderName, keyFiles.settings) });
  return there.trustDomain;
}
