/** The keys of a running authority from their folder, checked to belong together before they are used; the root's own key is not among them. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { equalBytes } from '../../../ground/encoding/index.ts';
import { isRefusal, Refusal } from '../../../ground/errors/index.ts';
import { type Certificate, readCertificatesPem, validatePath } from '../../../identity/x509/index.ts';
import { readTextFile, requirePrivateFile } from '../../../runtime/config/index.ts';
import { verifySignature } from '../../../runtime/cryptography/index.ts';
import { type AuthorityKeys, KeyCertificate, keySigner } from '../../authority/index.ts';
import { damagedState, inStateFile } from './damaged-state.ts';
import { isSecretFile, keyFiles, retiredFiles, retiredMarks } from './key-files.ts';
import { readKeyFile } from './key-file.ts';
import type { KeyPassphrases } from './passphrases.ts';

export interface LoadedKeys {
  readonly keys: AuthorityKeys;
  /** Whether the issuer's key is under a passphrase. */
  readonly encrypted: boolean;
  readonly retired: readonly RetiredIssuer[];
}

/** One that was replaced: it signs revocation lists and OCSP answers, until the last of its certificates has ended. */
export interface RetiredIssuer {
  readonly issuer: KeyCertificate;
  /** As of `AuthorityKeys`. */
  readonly above: readonly Certificate[];
}

export async function loadKeys(folder: string, trustDomain: string, passphrases: KeyPassphrases): Promise<LoadedKeys> {
  await requirePrivateKeyFiles(folder);
  const anchor = await loadAnchor(folder);
  const above = await loadAbove(folder);
  const certificate = await loadOne(join(folder, keyFiles.issuer));
  const { privateKey, encrypted } = await readKeyFile(join(folder, keyFiles.issuerKey), passphrases);
  if (!equalBytes(certificate.publicKey.raw, privateKey.publicKey.raw)) {
    const rule = `the certificate and ${keyFiles.issuerKey} do not belong together`;
    throw damagedState(join(folder, keyFiles.issuer), rule);
  }
  requirePath(folder, certificate, above, anchor);
  requireTrustDomain(folder, [certificate, anchor], trustDomain);
  const issuer = new KeyCertificate(certificate, keySigner(privateKey), [...above, anchor]);
  const retired = await loadRetired(folder, passphrases, anchor);
  return { keys: { trustDomain, anchor, above, issuer }, encrypted, retired };
}

async function loadRetired(
  folder: string,
  passphrases: KeyPassphrases,
  anchor: Certificate,
): Promise<readonly RetiredIssuer[]> {
  const retired: RetiredIssuer[] = [];
  for (const mark of retiredMarks(await readdir(folder))) {
    const files = retiredFiles(mark);
    const [certificate, ...above] = await loadCertificates(join(folder, files.chain));
    const { privateKey } = await readKeyFile(join(folder, files.key), passphrases);
    if (certificate === undefined || !equalBytes(certificate.publicKey.raw, privateKey.publicKey.raw))
      throw damagedState(join(folder, files.chain), `the certificate and ${files.key} do not belong together`);
    retired.push({ issuer: new KeyCertificate(certificate, keySigner(privateKey), [...above, anchor]), above });
  }
  return retired;
}

/** Also of those that are not read: others who can read the root's key can sign as the authority. */
async function requirePrivateKeyFiles(folder: string): Promise<void> {
  const names = await readdir(folder);
  for (const name of names.filter(isSecretFile)) await requirePrivateFile(join(folder, name), 'CS-KEY-001');
}

/** Lost, it is not lost for good: it is public, and each endpoint has it. */
async function loadAnchor(folder: string): Promise<Certificate> {
  const path = join(folder, keyFiles.anchor);
  try {
    return await loadOne(path);
  } catch (error) {
    if (isRefusal(error) && error.code === 'CS-FILE-001')
      throw new Refusal('CS-STATE-010', { file: path }, { cause: error });
    throw error;
  }
}

async function loadAbove(folder: string): Promise<readonly Certificate[]> {
  if (!(await readdir(folder)).includes(keyFiles.above)) return [];
  return loadCertificates(join(folder, keyFiles.above));
}

async function loadOne(path: string): Promise<Certificate> {
  const [certificate, ...others] = await loadCertificates(path);
  if (certificate === undefined || others.length > 0) throw damagedState(path, 'exactly one certificate');
  return certificate;
}

async function loadCertificates(path: string): Promise<readonly Certificate[]> {
  const pem = await readTextFile(path);
  return inStateFile(path, () => readCertificatesPem(pem));
}

/** At its first moment: whether it has expired is the business of issuing, which says so by name. */
function requirePath(folder: string, issuer: Certificate, above: readonly Certificate[], anchor: Certificate): void {
  const at = Math.max(...[issuer, ...above, anchor].map(({ notBefore }) => notBefore));
  try {
    validatePath({ leaf: issuer, intermediates: above, anchors: [anchor], at, purpose: 'any', verifySignature });
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const rule = `no valid path from it to ${keyFiles.anchor}: ${error.code} ${error.title}`;
    throw damagedState(join(folder, keyFiles.issuer), rule, error);
  }
}

/** A corporate certificate need not say any; one that says another belongs elsewhere. */
function requireTrustDomain(folder: string, certificates: readonly Certificate[], trustDomain: string): void {
  for (const { subject, subjectAltName } of certificates) {
    const other = subjectAltName.uri.find((uri) => uri.startsWith('spiffe://') && uri !== `spiffe://${trustDomain}`);
    if (other === undefined) continue;
    const rule = `the settings say the trust domain ${trustDomain}, and the certificate ${subject.text} is of ${other}`;
    throw damagedState(join(folder, keyFiles.settings), rule);
  }
}
