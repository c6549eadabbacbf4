/** The root's own revocation list, which covers the authority's issuers: signed where the root's key still is, or where it was carried to. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { Clock } from '../../../ground/clock/index.ts';
import type { Certificate } from '../../../identity/x509/index.ts';
import { writeFileAtomically } from '../../../runtime/config/index.ts';
import { KeyCertificate, keySigner, listFolder } from '../../authority/index.ts';
import { nextListNumber, signWholeList } from '../../crl/index.ts';
import { keyFiles, keyFolderName } from './key-files.ts';
import { readKeyFolder } from './key-folder.ts';
import { certifiedIn, rootAnswersName, signRootAnswers } from './root-answers.ts';
import { entriesOf, readRootRevocations } from './root-revocations.ts';
import { openKeyText } from './key-file.ts';
import type { KeyPassphrases } from './passphrases.ts';

export interface RootListOrder {
  /** The state directory. */
  readonly dir: string;
  /** In it, of all lists. */
  readonly folder: string;
  readonly root: Certificate;
  readonly passphrases: KeyPassphrases;
  readonly lifeMs: number;
  readonly clock: Clock;
}

/** What a root has signed about its issuers. */
export interface SignedByRoot {
  /** CertificateList, DER. */
  readonly list: Uint8Array;
  /** PEM, of as many answers as there are. */
  readonly answers: string;
}

/** It is among what is handed out, too. `undefined`: the root's key is not here. */
export async function signRootList(order: RootListOrder): Promise<SignedByRoot | undefined> {
  const { dir, root, passphrases, lifeMs, clock } = order;
  const { [keyFiles.rootKey]: key } = (await readKeyFolder(dir)) ?? {};
  if (key === undefined) return undefined;
  const { privateKey } = await openKeyText(join(dir, keyFolderName, keyFiles.rootKey), key, passphrases);
  const issuer = new KeyCertificate(root, keySigner(privateKey), []);
  const folder = join(order.folder, listFolder(root.publicKey.raw));
  await mkdir(folder, { recursive: true });
  const thisUpdateMs = Math.floor(clock.now() / 1000) * 1000;
  const revocations = await readRootRevocations(join(dir, keyFolderName));
  const number = await nextListNumber(folder, clock.now());
  const der = await signWholeList(
    { facts: issuer.facts, signList: (list) => issuer.signList(list) },
    { number, thisUpdateMs, nextUpdateMs: thisUpdateMs + lifeMs, entries: entriesOf(revocations) },
  );
  await writeFileAtomically(join(folder, 'all.crl'), der, { mode: 0o644 });
  const answers = signRootAnswers({
    root: { certificate: root, privateKey },
    issuers: await certifiedIn(join(dir, keyFolderName), root),
    revoked: revocations.revoked,
    thisUpdateMs,
    nextUpdateMs: thisUpdateMs + lifeMs,
  });
  await writeFileAtomically(join(folder, rootAnswersName), answers, { mode: 0o644 });
  return { list: der, answers };
}
