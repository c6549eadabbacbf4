/** Certificates of a file for path validation. */
import type { PemBlock } from '../../ground/encoding/index.ts';
import { isRefusal, Refusal } from '../../ground/errors/index.ts';
import { parseCertificate, type Certificate } from '../../identity/x509/index.ts';
import type { World } from '../call.ts';
import { cryptoObjects } from '../input/crypto-objects.ts';
import { readInput } from '../input/read-input.ts';

export interface Loaded {
  readonly certificates: readonly Certificate[];
  /** How many were left out, since they use algorithms that are not accepted here; that can only make a path fail. */
  readonly skipped: number;
}

/** All of them must be readable, but for further ones whose algorithms are not known here. */
export async function loadCertificates(name: string, world: World): Promise<Loaded> {
  const blocks = cryptoObjects(await readInput(name, world), name);
  const certificates = blocks.map((block) => readable(block));
  const known = certificates.filter((certificate) => certificate !== undefined);
  return { certificates: known, skipped: certificates.length - known.length };
}

/** The certificate to verify, and those that came with it. */
export async function loadChain(name: string, world: World): Promise<{ leaf: Certificate; others: Loaded }> {
  const [first, ...rest] = cryptoObjects(await readInput(name, world), name);
  if (first === undefined) throw new TypeError('an input holds at least one object');
  const leaf = parsed(first);
  const others = rest.map((block) => readable(block));
  const certificates = others.filter((certificate) => certificate !== undefined);
  return { leaf, others: { certificates, skipped: others.length - certificates.length } };
}

function parsed({ label, bytes }: PemBlock): Certificate {
  if (label !== 'CERTIFICATE') throw new Refusal('CS-PEM-002', { expected: 'CERTIFICATE', found: label });
  return parseCertificate(bytes);
}

function readable(block: PemBlock): Certificate | undefined {
  try {
    return parsed(block);
  } catch (error) {
    if (isRefusal(error) && error.code === 'CS-X509-002') return undefined;
    throw error;
  }
}
