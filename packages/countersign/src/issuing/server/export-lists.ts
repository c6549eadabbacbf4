/** The authority's lists as files for others: what a server in front of relying parties, or a peer's configuration, is given. */
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { type Clock, toRfc3339 } from '../../ground/clock/index.ts';
import { encodePem } from '../../ground/encoding/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import { type CertificateList, parseCertificateList, readCertificatesPem } from '../../identity/x509/index.ts';
import { readFailure, readTextFile, systemCode, writeFileAtomically } from '../../runtime/config/index.ts';
import { listFolder } from '../authority/index.ts';
import { keyFiles, keyFolderName, retiredMarks } from './keys/key-files.ts';
import type { KeyPassphrases } from './keys/passphrases.ts';
import { signRootList } from './keys/root-list.ts';
import { publishedRootList } from './publish-root-list.ts';
import { listFolderName } from './publishing/revocation-lists.ts';

export interface ListExport {
  readonly dir: string;
  /** Made where it is missing. */
  readonly out: string;
  readonly passphrases: KeyPassphrases;
  /** Of the root's list. */
  readonly rootLifeMs: number;
  readonly clock: Clock;
}

export interface ExportedList {
  readonly file: string;
  readonly issuer: string;
  readonly revoked: number;
  /** Milliseconds since 1970. */
  readonly nextUpdateMs: number;
}

export interface ExportedLists {
  readonly lists: readonly ExportedList[];
  /** The root's key is elsewhere, and no list of its was carried here that has not ended. */
  readonly withoutRoot: boolean;
}

/** What may be as long as it is: our own. */
const mostOctets = 1024 * 1024 * 1024;

/** @throws CS-CRL-020 where the issuer's list was never made, CS-CRL-021 where it has ended, CS-FILE-002 where one cannot be read */
export async function exportLists(order: ListExport): Promise<ExportedLists> {
  const { dir, out, clock } = order;
  const keys = join(dir, keyFolderName);
  const [issuer] = readCertificatesPem(await readTextFile(join(keys, keyFiles.issuer)));
  const [root] = readCertificatesPem(await readTextFile(join(keys, keyFiles.anchor)));
  if (issuer === undefined || root === undefined) throw new TypeError('an authority has an issuer and a root');
  const folder = join(dir, listFolderName);
  const own = join(folder, listFolder(issuer.publicKey.raw));
  const whole = await existingList(join(own, 'all.crl'));
  const list = parseCertificateList(whole, mostOctets);
  if ((list.nextUpdate ?? 0) <= clock.now()) {
    throw new Refusal('CS-CRL-021', { file: join(own, 'all.crl'), nextUpdate: toRfc3339(list.nextUpdate ?? 0) });
  }
  const delta = await existingList(join(own, 'all-delta.crl'));
  const ofRoot =
    (await signRootList({ ...order, folder, root, lifeMs: order.rootLifeMs }))?.list ??
    unlessEnded(await publishedRootList(dir, root), clock);
  const replaced = await listsOfRetired(dir, clock);
  await mkdir(out, { recursive: true });
  const lists = [await written(out, 'issuer', whole), await written(out, 'issuer-delta', delta)];
  for (const [mark, der] of replaced) lists.push(await written(out, `issuer-${mark}`, der));
  if (ofRoot !== undefined) lists.push(await written(out, 'root', ofRoot));
  // What nginx, OpenSSL and others read: a list for each authority of the chain, in one file.
  const pem = [whole, ...replaced.values(), ...(ofRoot === undefined ? [] : [ofRoot])]
    .map((der) => encodePem('X509 CRL', der))
    .join('');
  await writeFileAtomically(join(out, 'crl.pem'), pem, { mode: 0o644 });
  return { lists, withoutRoot: ofRoot === undefined };
}

/** By the names of their folders; of those that were replaced some have not published anything. */
async function listsOfRetired(dir: string, clock: Clock): Promise<ReadonlyMap<string, Uint8Array>> {
  const lists = new Map<string, Uint8Array>();
  for (const mark of retiredMarks(await readdir(join(dir, keyFolderName)))) {
    const list = unlessEnded(await listOfRetired(join(dir, listFolderName, mark, 'all.crl')), clock);
    if (list !== undefined) lists.set(mark, list);
  }
  return lists;
}

/** One that cannot be read must not seem never to have been made: peers refuse all of its issuer's certificates without it. */
async function listOfRetired(file: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw readFailure(error, file);
  }
}

function unlessEnded(list: Uint8Array | undefined, clock: Clock): Uint8Array | undefined {
  if (list === undefined) return undefined;
  return (parseCertificateList(list, mostOctets).nextUpdate ?? 0) <= clock.now() ? undefined : list;
}

async function existingList(file: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(file));
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw readFailure(error, file);
    throw new Refusal('CS-CRL-020', { file }, { cause: error });
  }
}

async function written(out: string, name: string, der: Uint8Array): Promise<ExportedList> {
  const file = join(out, `${name}.crl`);
  await writeFileAtomically(file, der, { mode: 0o644 });
  const list: CertificateList = parseCertificateList(der, mostOctets);
  return { file, issuer: list.issuer.text, revoked: list.revoked.size, nextUpdateMs: list.nextUpdate ?? 0 };
}
