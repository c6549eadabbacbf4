/** OpenSSL and pyca/cryptography, asked about the chains of clients. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodePem } from '../../../packages/countersign/src/ground/encoding/index.ts';
import { run } from '../../interop/peers.ts';
import { moment } from './cases.ts';
import type { ClientChain } from './chains.ts';

export interface Said {
  readonly accepts: boolean;
  readonly why: string;
}

const pemOf = (certificates: readonly Uint8Array[]): string =>
  certificates.map((der) => encodePem('CERTIFICATE', der)).join('');

export async function askOpenssl(chains: readonly ClientChain[]): Promise<Said[]> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-client-'));
  const paths = ['leaf', 'issuers', 'anchor'].map((name) => join(folder, `${name}.pem`));
  const [leafPath, issuersPath, anchorPath] = paths as [string, string, string];
  try {
    const said: Said[] = [];
    for (const { leaf, intermediates, anchor } of chains) {
      writeFileSync(leafPath, pemOf([leaf]));
      writeFileSync(issuersPath, pemOf(intermediates));
      writeFileSync(anchorPath, pemOf([anchor]));
      const trust = ['-no-CApath', '-no-CAstore', '-CAfile', anchorPath, '-untrusted', issuersPath];
      const asked = ['-purpose', 'sslclient', '-x509_strict', '-attime', String(moment / 1000)];
      const { status, out, err } = await run('openssl', ['verify', ...trust, ...asked, leafPath]);
      said.push({ accepts: status === 0 && out.includes(': OK'), why: err.trim() });
    }
    return said;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Of pyca/cryptography; what differs is listed for it: others answer otherwise, as 48 does about directory names. */
const pycaVersion = 50;

/** A Python that has pyca/cryptography: COUNTERSIGN_PYTHON names one. */
export const python: string = process.env['COUNTERSIGN_PYTHON'] ?? 'python3';

export function missingPyca(): string | false {
  const probe = spawnSync(python, ['-c', 'import cryptography; print(cryptography.__version__)'], { encoding: 'utf8' });
  if (probe.status === 0 && probe.stdout.startsWith(`${String(pycaVersion)}.`)) return false;
  const found = probe.status === 0 ? `cryptography ${probe.stdout.trim()}` : 'no cryptography';
  const reason = `${python} has ${found}, and ${String(pycaVersion)} is what the list of differences is for (pip install it in a venv, and COUNTERSIGN_PYTHON): its verdicts were not compared`;
  process.stderr.write(`SKIPPED: ${reason}\n`);
  return reason;
}

export function askPyca(chains: readonly ClientChain[]): Said[] {
  const base64 = (der: Uint8Array): string => Buffer.from(der).toString('base64');
  const lines = chains.map(({ leaf, intermediates, anchor }) =>
    JSON.stringify({
      leaf: base64(leaf),
      intermediates: intermediates.map(base64),
      anchor: base64(anchor),
      at: moment / 1000,
    }),
  );
  const script = join(import.meta.dirname, 'pyca.py');
  const { status, stdout, stderr } = spawnSync(python, [script], { input: `${lines.join('\n')}\n`, encoding: 'utf8' });
  if (status !== 0) throw new Error(`pyca ended with ${String(status)}: ${stderr}`);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Said);
}
