/** `authority export-ocsp`: the responder's answers as files under the paths by which clients ask. */
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

import { parseRfc3339 } from '../../ground/clock/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import { type Certificate, type CertIdHash, readCertificatesPem } from '../../identity/x509/index.ts';
import type { AdministeredAuthority, ListedCertificate } from '../../runtime/api/index.ts';
import { readTextFile, writeFailure, writeFileAtomically } from '../../runtime/config/index.ts';
import { withAuthority } from '../administered-authority.ts';
import type { Call } from '../call.ts';
import { stateDirectoryOf } from '../local-authority.ts';
import { askResponder, ocspPath } from '../ocsp/ask-responder.ts';
import { ocspFile } from '../ocsp/ocsp-file.ts';

const hashes: readonly CertIdHash[] = ['SHA-1', 'SHA-256'];

/** The most that the authority gives at once. */
const pageSize = 1000;

interface Counts {
  answers: number;
  revoked: number;
  removed: number;
}

export function run(call: Call): Promise<number> {
  return withAuthority(call, async (authority) => {
    const { options, output, world } = call;
    const dir = resolve(world.workingDirectory, call.arguments[0] ?? '');
    const issuer = await issuerOf(call);
    const url = (options.text('url') ?? 'http://127.0.0.1:7480/ocsp').replace(/\/$/, '');
    const counts: Counts = { answers: 0, revoked: 0, removed: 0 };
    for await (const page of pages(authority)) {
      for (const listed of page) {
        for (const hash of hashes) await exportOne({ call, dir, issuer, url, counts }, listed, hash);
        output.progress(`${String(counts.answers)} answers`);
      }
    }
    const { answers, revoked, removed } = counts;
    output.say(` ${String(answers)} answers in ${dir}, ${String(revoked)} of them revoked; ${String(removed)} removed`);
    output.result({ dir, answers, revoked, removed });
    return 0;
  });
}

interface Exporting {
  readonly call: Call;
  readonly dir: string;
  readonly issuer: Certificate;
  readonly url: string;
  readonly counts: Counts;
}

async function exportOne(
  { call, dir, issuer, url, counts }: Exporting,
  { serial, status, notAfter }: ListedCertificate,
  hash: CertIdHash,
): Promise<void> {
  const at = call.world.clock.now();
  const notAfterMs = parseRfc3339(notAfter) ?? 0;
  const file = ocspFile(dir, ocspPath(issuer, serial, hash));
  if (status === 'expired' || notAfterMs < at) {
    if (await isRemoved(file)) counts.removed += 1;
    return;
  }
  const { bytes, answer } = await askResponder({ url, issuer, serialNumber: serial, notAfterMs, hash, at });
  // Of another issuer, from before a change of it, nobody can answer here.
  if (answer.status === 'undetermined' && answer.refusal.code === 'CS-OCSP-002') return;
  if (answer.status === 'undetermined') throw answer.refusal;
  await mkdir(dirname(file), { recursive: true, mode: 0o755 }).catch((error: unknown) => {
    throw writeFailure(error, dirname(file));
  });
  await writeFileAtomically(file, bytes, { mode: 0o644 });
  counts.answers += 1;
  if (answer.status === 'revoked') counts.revoked += 1;
}

async function isRemoved(file: string): Promise<boolean> {
  try {
    await rm(file);
    return true;
  } catch {
    return false;
  }
}

async function issuerOf(call: Call): Promise<Certificate> {
  const given = call.options.text('issuer');
  const file =
    given === undefined
      ? join(stateDirectoryOf(call), 'authority', 'issuer.pem')
      : resolve(call.world.workingDirectory, given);
  const [issuer] = readCertificatesPem(await readTextFile(file));
  if (issuer === undefined)
    throw new Refusal('CS-USAGE-003', { option: '--issuer', value: file, expected: 'a certificate in PEM' });
  return issuer;
}

async function* pages(authority: AdministeredAuthority): AsyncGenerator<readonly ListedCertificate[]> {
  let after: string | undefined;
  do {
    const page = await authority.listCertificates({ limit: pageSize, ...(after === undefined ? {} : { after }) });
    yield page.certificates;
    after = page.next;
  } while (after !== undefined);
}
