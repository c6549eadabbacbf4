/** A revocation list of the root, carried from where its key is, put among those that the authority hands out. */
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { type Clock, toRfc3339 } from '../../ground/clock/index.ts';
import { equalBytes, parsePem } from '../../ground/encoding/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import {
  type Certificate,
  type CertificateList,
  isKnownAlgorithm,
  parseCertificateList,
  readCertificatesPem,
} from '../../identity/x509/index.ts';
import { readTextFile, systemCode, writeFileAtomically } from '../../runtime/config/index.ts';
import { verifySignature } from '../../runtime/cryptography/index.ts';
import { listFolder } from '../authority/index.ts';
import { keyFiles, keyFolderName } from './keys/key-files.ts';
import { rootAnswersName } from './keys/root-answers.ts';
import { listFolderName } from './publishing/revocation-lists.ts';
import { readRootAnswers } from './publishing/root-answers.ts';

/** How far the clock where the root is may be ahead of this one. Own choice. */
const mostAheadMs = 300_000;

export interface RootListFile {
  /** The state directory; its authority may run. */
  readonly dir: string;
  /** PEM or DER. */
  readonly list: Uint8Array;
  /** Its name, for refusals. */
  readonly file: string;
  /** OCSP answers that were signed with it, PEM, and the name of their file; absent: those that were handed out before go. */
  readonly answers?: { readonly contents: string; readonly file: string } | undefined;
  readonly clock: Clock;
}

export interface PublishedRootList {
  readonly list: CertificateList;
  /** Below the address of the lists. */
  readonly path: string;
  /** How many OCSP answers are handed out. */
  readonly answers: number;
}

/** @throws CS-CRL-022 */
export async function publishRootList(order: RootListFile): Promise<PublishedRootList> {
  const { dir, list: bytes, file, answers, clock } = order;
  const [root] = readCertificatesPem(await readTextFile(join(dir, keyFolderName, keyFiles.anchor)));
  if (root === undefined) throw new TypeError('an authority has a root');
  const der = isPem(bytes) ? onlyList(bytes, file) : bytes;
  const list = parseCertificateList(der);
  requireOf(root, list, file);
  if (list.nextUpdate === undefined || list.nextUpdate <= clock.now())
    throw refused(file, `it ended ${toRfc3339(list.nextUpdate ?? list.thisUpdate)}`);
  // Everybody would refuse it, and with it whatever the root has certified.
  if (list.thisUpdate > clock.now() + mostAheadMs)
    throw refused(file, `it is from the future: ${toRfc3339(list.thisUpdate)}`);
  const folder = join(dir, listFolderName, listFolder(root.publicKey.raw));
  const before = await publishedRootList(dir, root);
  if (before !== undefined && numberOf(parseCertificateList(before)) >= numberOf(list) && !equalBytes(before, der))
    throw refused(file, 'the one that is handed out is as new, or newer');
  const read = answers && readRootAnswers(answers.contents, root, answers.file);
  await mkdir(folder, { recursive: true });
  await writeFileAtomically(join(folder, 'all.crl'), der, { mode: 0o644 });
  const answersPath = join(folder, rootAnswersName);
  if (answers === undefined) await rm(answersPath, { force: true });
  else await writeFileAtomically(answersPath, answers.contents, { mode: 0o644 });
  return { list, path: `${listFolder(root.publicKey.raw)}/all.crl`, answers: read?.size ?? 0 };
}

/** DER; `undefined` where there is none. */
export async function publishedRootList(dir: string, root: Certificate): Promise<Uint8Array | undefined> {
  try {
    return new Uint8Array(await readFile(join(dir, listFolderName, listFolder(root.publicKey.raw), 'all.crl')));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function requireOf(root: Certificate, list: CertificateList, file: string): void {
  const { signatureAlgorithm: algorithm, tbs, signature, baseCrlNumber, issuingDistributionPoint } = list;
  const isSigned =
    equalBytes(list.issuer.raw, root.subject.raw) &&
    isKnownAlgorithm(algorithm) &&
    verifySignature(root.publicKey, algorithm, tbs, signature);
  if (!isSigned) throw refused(file, "the authority's root has not signed it");
  if (baseCrlNumber !== undefined || issuingDistributionPoint !== undefined)
    throw refused(file, 'it is not complete: a delta, or for some certificates only');
}

function numberOf({ crlNumber }: CertificateList): bigint {
  return BigInt(`0x${crlNumber ?? '0'}`);
}

function isPem(bytes: Uint8Array): boolean {
  return bytes[0] !== 0x30;
}

function onlyList(bytes: Uint8Array, file: string): Uint8Array {
  const blocks = parsePem(new TextDecoder().decode(bytes));
  const [block] = blocks;
  if (block?.label === 'X509 CRL' && blocks.length === 1) return block.bytes;
  throw refused(file, 'it is not one X509 CRL');
}

function refused(file: string, rule: string): Refusal {
  return new Refusal('CS-CRL-022', { file, rule });
}
