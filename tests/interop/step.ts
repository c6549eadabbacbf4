/** The commands step and step-ca: found where `go install` puts them, called in a folder of their own, and made to judge what we issue. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { startAuthority, type Folder } from '../e2e/command.ts';
import { countersign } from '../e2e/here.ts';
import { missing, run } from './peers.ts';

/** On PATH, or where `go install` puts it. */
const found = (program: string): string | undefined =>
  [program, join(homedir(), 'go/bin', program)].find((path) => spawnSync(path, ['version']).status === 0);

export const step: string | undefined = found('step');
export const stepCa: string | undefined = found('step-ca');

/** For `test`'s `skip`: why `program` or OpenSSL is missing, or `false`. */
export function absent(program: 'step' | 'step-ca'): string | false {
  if ((program === 'step' ? step : stepCa) !== undefined) return missing('openssl');
  const reason = `${program} is not installed: nothing was shown of an issuer under an authority of step-ca`;
  process.stderr.write(`SKIPPED: ${reason}\n`);
  return reason;
}

/** Its own home is in `folder`. @returns what it wrote to stdout */
export async function stepRun(folder: Folder, ...args: string[]): Promise<string> {
  const { status, out, err } = await run(step ?? 'step', args, '', { STEPPATH: folder.in('step') });
  assert.equal(status, 0, `step ${args.join(' ')}: ${err}${out}`);
  return out;
}

export const trustDomain = 'corp.internal';

/** @returns the state directory that waits for an answer, and the path of its request */
export async function requested(folder: Folder): Promise<{ dir: string; request: string }> {
  const [dir, request] = [folder.in('state'), folder.in('issuer.csr')];
  const trust = ['--trust-domain', trustDomain, '--dir', dir, '--out', request];
  const made = await countersign(['authority', 'create', '--issuer', ...trust]);
  assert.equal(made.status, 0, made.err);
  return { dir, request };
}

/** Imports the answer, runs the authority, issues, and has step, OpenSSL and curl verify it below `root` alone. */
export async function serves(
  folder: Folder,
  dir: string,
  answer: readonly string[],
  root: string,
  chainLength: number,
): Promise<readonly unknown[]> {
  const taken = await countersign(['authority', 'import', ...answer, '--anchor', root, '--dir', dir, '--json']);
  assert.equal(taken.status, 0, taken.err);
  const authority = await startAuthority(dir);
  try {
    const web = folder.in('web');
    const name = `web.${trustDomain}`;
    const issued = await countersign(['issue', name, '--dir', dir, '--out', web, '--json']);
    assert.equal(issued.status, 0, issued.err);
    const chain = join(web, 'cert.pem');
    assert.equal((await readFile(chain, 'utf8')).match(/BEGIN CERT/g)?.length, chainLength);
    await stepRun(folder, 'certificate', 'verify', chain, '--roots', root, '--host', name);
    const strict = ['-x509_strict', '-purpose', 'sslserver', '-CAfile', root];
    const verified = await run('openssl', ['verify', ...strict, '-untrusted', chain, chain]);
    assert.match(verified.out, /: OK/, verified.err);
    if (missing('curl') === false) {
      const as = ['--cert', chain, '--key', join(web, 'key.pem')];
      const asked = await run('curl', ['-sS', '--cacert', root, ...as, `${authority.url}/v1/whoami`]);
      assert.match(asked.out, /spiffe:\/\/corp\.internal\/web\.corp\.internal/, asked.err);
    }
  } finally {
    await authority.stop();
  }
  return taken.result['warnings'] as unknown[];
}
