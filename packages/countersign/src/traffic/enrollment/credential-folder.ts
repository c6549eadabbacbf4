/**
 * A credential as files that any program reads: `key.pem` (0600), `cert.pem` (the chain without the root), `roots.pem`,
 * and `credential.json` (where it came from). Each file is replaced whole; the key stays the same from one renewal to the next,
 * so that key and certificate belong together at every moment.
 */
import { join } from 'node:path';

import { z } from 'zod';

import { parseRfc3339, toRfc3339 } from '../../ground/clock/index.ts';
import { encodePem, equalBytes } from '../../ground/encoding/index.ts';
import { isRefusal, Refusal } from '../../ground/errors/index.ts';
import { svidId } from '../../identity/spiffe/index.ts';
import { type Certificate, type KeyType, readCertificatesPem, validatePath } from '../../identity/x509/index.ts';
import {
  ensurePrivateDirectory,
  readJsonFile,
  readPrivateFile,
  readTextFile,
  writeFileAtomically,
  writeJsonFile,
} from '../../runtime/config/index.ts';
import {
  generatePrivateKey,
  parsePrivateKey,
  type PrivateKey,
  verifySignature,
} from '../../runtime/cryptography/index.ts';
import type { HeldCredential } from './held-credential.ts';

export const credentialFiles = {
  key: 'key.pem',
  certificate: 'cert.pem',
  roots: 'roots.pem',
  origin: 'credential.json',
} as const;

/** Certificates are for everybody to read; the folder decides who may reach them. */
const publicMode = 0o644;

const origin = z.strictObject({
  version: z.literal(1),
  authority: z.string().refine((text) => URL.canParse(text) && new URL(text).protocol === 'https:', 'an https address'),
  rootSha256: z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in lower-case hexadecimal'),
  trustDomain: z.string().min(1),
  renewAfterExpirySeconds: z.int().min(0),
  receivedAt: z.string().refine((text) => parseRfc3339(text) !== undefined, 'an RFC 3339 time'),
});

/** The folder's key, made and on disk when this resolves: before anybody is asked for a certificate for it. */
export async function loadOrCreateKey(folder: string, type: KeyType = 'P-256'): Promise<PrivateKey> {
  await ensurePrivateDirectory(folder);
  const path = join(folder, credentialFiles.key);
  const existing = await loadKey(path);
  if (existing !== undefined) return existing;
  const key = generatePrivateKey(type);
  if (await writeFileAtomically(path, key.toPem(), { keepExisting: true })) return key;
  // Another process made one in between; both must use the same.
  return requireKey(path);
}

/** `undefined` where the folder holds no certificate (yet); a broken or half one is refused, whatever its dates. */
export async function loadCredential(folder: string): Promise<HeldCredential | undefined> {
  const paths = pathsOf(folder);
  const chain = await loadCertificates(paths.certificate);
  if (chain === undefined) return undefined;
  const [leaf, ...intermediates] = chain;
  if (leaf === undefined) throw new Refusal('CS-FILE-003', emptyFile(paths.certificate));
  const privateKey = await requireKey(paths.key);
  if (!equalBytes(leaf.publicKey.raw, privateKey.publicKey.raw)) {
    throw new Refusal('CS-KEY-003', { key: paths.key, certificate: paths.certificate });
  }
  const roots = await loadCertificates(paths.roots);
  if (roots === undefined) throw new Refusal('CS-FILE-001', { path: paths.roots });
  if (roots.length === 0) throw new Refusal('CS-FILE-003', emptyFile(paths.roots));
  const spiffeId = requireSpiffeId(paths.certificate, leaf);
  requirePath(paths.certificate, leaf, intermediates, roots);
  const { version: _, receivedAt, ...rest } = await readJsonFile(paths.origin, origin);
  return {
    privateKey,
    leaf,
    spiffeId,
    intermediates,
    roots,
    ...rest,
    receivedAt: parseRfc3339(receivedAt) ?? leaf.notBefore,
  };
}

/** The certificate last: it alone makes the rest count. The key is there already. */
export async function storeCredential(folder: string, held: HeldCredential): Promise<void> {
  const paths = pathsOf(folder);
  const { authority, rootSha256, trustDomain, renewAfterExpirySeconds } = held;
  const receivedAt = toRfc3339(held.receivedAt);
  await writeFileAtomically(paths.roots, toPem(held.roots), { mode: publicMode });
  await writeJsonFile(paths.origin, {
    version: 1,
    authority,
    rootSha256,
    trustDomain,
    renewAfterExpirySeconds,
    receivedAt,
  });
  await writeFileAtomically(paths.certificate, toPem([held.leaf, ...held.intermediates]), { mode: publicMode });
}

function pathsOf(folder: string): Record<keyof typeof credentialFiles, string> {
  return {
    key: join(folder, credentialFiles.key),
    certificate: join(folder, credentialFiles.certificate),
    roots: join(folder, credentialFiles.roots),
    origin: join(folder, credentialFiles.origin),
  };
}

function requireSpiffeId(path: string, leaf: Certificate): string {
  const id = inFile(path, 'its names', () => svidId(leaf));
  if (id === undefined) throw new Refusal('CS-FILE-003', { path, place: 'its names', problem: 'no SPIFFE ID' });
  return id.toString();
}

/** At its last moment: the path must be right also for a certificate that is to be renewed after expiry. */
function requirePath(
  path: string,
  leaf: Certificate,
  intermediates: readonly Certificate[],
  anchors: readonly Certificate[],
): void {
  const at = leaf.notAfter;
  inFile(path, `its path to ${credentialFiles.roots}`, () =>
    validatePath({ leaf, intermediates, anchors, at, purpose: 'any', verifySignature }),
  );
}

/** What breaks a rule inside a file is told with the file's path. */
function inFile<T>(path: string, place: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const problem = `${error.code} ${error.title}`;
    throw new Refusal('CS-FILE-003', { path, place, problem }, { cause: error });
  }
}

async function requireKey(path: string): Promise<PrivateKey> {
  const key = await loadKey(path);
  if (key === undefined) throw new Refusal('CS-FILE-001', { path });
  return key;
}

async function loadKey(path: string): Promise<PrivateKey | undefined> {
  const text = await unlessMissing(readPrivateFile(path));
  if (text === undefined) return undefined;
  try {
    return parsePrivateKey(text);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    throw new Refusal('CS-KEY-002', { path, problem: problemOf(error) }, { cause: error });
  }
}

async function loadCertificates(path: string): Promise<Certificate[] | undefined> {
  const text = await unlessMissing(readTextFile(path));
  if (text === undefined) return undefined;
  try {
    return readCertificatesPem(text);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const place =
      typeof error.evidence['line'] === 'number' ? `line ${String(error.evidence['line'])}` : 'its certificates';
    throw new Refusal('CS-FILE-003', { path, place, problem: problemOf(error) }, { cause: error });
  }
}

async function unlessMissing(text: Promise<string>): Promise<string | undefined> {
  try {
    return await text;
  } catch (error) {
    if (isRefusal(error) && error.code === 'CS-FILE-001') return undefined;
    throw error;
  }
}

function problemOf(refusal: Refusal): string {
  const { rule, expected, found, algorithm } = refusal.evidence;
  if (rule !== undefined) return String(rule);
  if (expected !== undefined) return `${String(expected)} expected, ${String(found)} found`;
  return algorithm === undefined ? refusal.title : `${refusal.title}: ${String(algorithm)}`;
}

function emptyFile(path: string): { path: string; place: string; problem: string } {
  return { path, place: 'the whole file', problem: 'no certificate in it' };
}

function toPem(certificates: readonly Certificate[]): string {
  return certificates.map(({ raw }) => encodePem('CERTIFICATE', raw)).join('');
}
