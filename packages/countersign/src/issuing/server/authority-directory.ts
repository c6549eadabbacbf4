/** The authority's keys and settings on disk: made whole or not at all, and checked to belong together before they are used. */
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import type { Clock } from '../../ground/clock/index.ts';
import { encodePem, equalBytes, toHex } from '../../ground/encoding/index.ts';
import { isRefusal, Refusal } from '../../ground/errors/index.ts';
import { type Certificate, readCertificatesPem, validatePath } from '../../identity/x509/index.ts';
import {
  readJsonFile,
  readPrivateFile,
  readTextFile,
  syncDirectory,
  writeFailure,
} from '../../runtime/config/index.ts';
import { parsePrivateKey, randomBytes, verifySignature } from '../../runtime/cryptography/index.ts';
import {
  type AuthorityKeys,
  createOwnHierarchy,
  KeyCertificate,
  keySigner,
  type OwnHierarchy,
} from '../authority/index.ts';

const folderName = 'authority';
const temporaryPrefix = '.authority.';

const files = {
  rootCertificate: 'root.pem',
  rootKey: 'root.key.pem',
  issuerCertificate: 'issuer.pem',
  issuerKey: 'issuer.key.pem',
  settings: 'settings.json',
} as const;

interface Settings {
  readonly version: 1;
  readonly trustDomain: string;
  /** The database that goes with these keys. */
  readonly ledger: string;
}

const settingsShape: z.ZodType<Settings> = z.strictObject({
  version: z.literal(1),
  trustDomain: z.string().min(1).max(255),
  ledger: z.string().min(1).max(100),
});

export interface DirectoryQuestion {
  /** The state directory; it exists, and this process alone works in it. */
  readonly dir: string;
  /** What was asked for; absent: whatever is there. */
  readonly trustDomain?: string | undefined;
  readonly ledgerId: string;
  /** Whether the database holds certificates: then keys that are missing were lost, not never made. */
  readonly ledgerInUse: boolean;
  readonly clock: Clock;
}

/** For a first run on one's own machine; "internal" is reserved for private use (ICANN, 2024). */
const defaultTrustDomain = 'dev.internal';

export async function openAuthorityDirectory(question: DirectoryQuestion): Promise<AuthorityKeys> {
  const { dir, ledgerId, ledgerInUse, clock } = question;
  await removeLeftovers(dir);
  const folder = join(dir, folderName);
  if (!(await exists(dir))) {
    if (ledgerInUse) throw damaged(folder, 'the keys are missing, though certificates were issued with them');
    const trustDomain = question.trustDomain ?? defaultTrustDomain;
    await writeWhole(dir, createOwnHierarchy({ trustDomain, clock }), { version: 1, trustDomain, ledger: ledgerId });
  }
  return load(folder, question);
}

/** A process that was killed while it made the folder left a part of it under another name. */
async function removeLeftovers(dir: string): Promise<void> {
  for (const name of await readdir(dir)) {
    if (name.startsWith(temporaryPrefix)) await rm(join(dir, name), { recursive: true, force: true });
  }
}

async function exists(dir: string): Promise<boolean> {
  return (await readdir(dir)).includes(folderName);
}

async function writeWhole(dir: string, { root, issuer }: OwnHierarchy, settings: Settings): Promise<void> {
  const temporary = join(dir, `${temporaryPrefix}${toHex(randomBytes(8))}`);
  try {
    await mkdir(temporary, { mode: 0o700 });
    await writeSynced(join(temporary, files.rootCertificate), encodePem('CERTIFICATE', root.certificate.raw));
    await writeSynced(join(temporary, files.rootKey), root.privateKey.toPem());
    await writeSynced(join(temporary, files.issuerCertificate), encodePem('CERTIFICATE', issuer.certificate.raw));
    await writeSynced(join(temporary, files.issuerKey), issuer.privateKey.toPem());
    await writeSynced(join(temporary, files.settings), `${JSON.stringify(settings, undefined, 2)}\n`);
    await syncDirectory(temporary);
    await rename(temporary, join(dir, folderName));
    await syncDirectory(dir);
  } catch (error) {
    throw writeFailure(error, temporary);
  }
}

async function writeSynced(path: string, contents: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(contents);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function load(folder: string, question: DirectoryQuestion): Promise<AuthorityKeys> {
  const settings = await readJsonFile(join(folder, files.settings), settingsShape);
  const { trustDomain } = settings;
  if (question.trustDomain !== undefined && question.trustDomain !== trustDomain) {
    throw new Refusal('CS-STATE-003', { found: trustDomain, asked: question.trustDomain });
  }
  if (settings.ledger !== question.ledgerId) {
    throw damaged(join(folder, files.settings), 'the database is another than the one that these keys were used with');
  }
  const anchor = await loadCertificate(folder, files.rootCertificate);
  const issuer = await loadIssuer(folder, anchor);
  requirePath(folder, issuer.certificate, anchor);
  requireTrustDomain(join(folder, files.rootCertificate), anchor, trustDomain);
  return { trustDomain, anchor, above: [], issuer };
}

/** The root's key is not among what is loaded: a running authority has no use for it. */
async function loadIssuer(folder: string, anchor: Certificate): Promise<KeyCertificate> {
  const keyPath = join(folder, files.issuerKey);
  const key = await readPrivateFile(keyPath);
  const privateKey = inFile(keyPath, () => parsePrivateKey(key));
  const certificate = await loadCertificate(folder, files.issuerCertificate);
  if (!equalBytes(certificate.publicKey.raw, privateKey.publicKey.raw)) {
    const rule = `the certificate and ${files.issuerKey} do not belong together`;
    throw damaged(join(folder, files.issuerCertificate), rule);
  }
  return new KeyCertificate(certificate, keySigner(privateKey), [anchor]);
}

async function loadCertificate(folder: string, name: string): Promise<Certificate> {
  const path = join(folder, name);
  const pem = await readTextFile(path);
  const [certificate, ...others] = inFile(path, () => readCertificatesPem(pem));
  if (certificate === undefined || others.length > 0) throw damaged(path, 'exactly one certificate');
  return certificate;
}

/** What breaks a rule inside a file is told with the file's path. */
function inFile<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!isRefusal(error)) throw error;
    throw damaged(file, `${error.code} ${error.title}`, error);
  }
}

/** At its first moment: whether it has expired is the business of issuing, which says so by name. */
function requirePath(folder: string, issuer: Certificate, root: Certificate): void {
  try {
    validatePath({
      leaf: issuer,
      intermediates: [],
      anchors: [root],
      at: issuer.notBefore,
      purpose: 'any',
      verifySignature,
    });
  } catch (error) {
    if (!isRefusal(error)) throw error;
    throw damaged(join(folder, files.issuerCertificate), `the root did not issue it: ${error.code} ${error.title}`);
  }
}

function requireTrustDomain(file: string, root: Certificate, trustDomain: string): void {
  const [uri] = root.subjectAltName.uri;
  if (uri !== `spiffe://${trustDomain}`)
    throw damaged(file, `it is the root of ${uri ?? 'no trust domain'}, the settings say ${trustDomain}`);
}

function damaged(file: string, rule: string, cause?: Refusal): Refusal {
  return new Refusal('CS-STATE-002', { file, rule }, { cause });
}
