/** The root that endpoints of a new authority will trust: from a file, or by its SHA-256, or confirmed by a person; never believed because it came along. */
import { Refusal } from '../../ground/errors/index.ts';
import { type Certificate, isSelfIssued, parseCertificate } from '../../identity/x509/index.ts';
import { sha256Hex } from '../../runtime/cryptography/index.ts';
import { confirm } from '../ask.ts';
import type { Call } from '../call.ts';
import { cryptoObjects } from '../input/crypto-objects.ts';
import { readInput } from '../input/read-input.ts';

/** @returns `undefined` where nothing was said: an authority that is there has its root */
export async function findAnchor(
  { options, world }: Call,
  answered: readonly Certificate[],
): Promise<Certificate | undefined> {
  options.exclude('anchor', 'anchor-sha256', 'one of them says the root');
  const file = options.text('anchor');
  if (file !== undefined) {
    const [block, ...others] = cryptoObjects(await readInput(file, world), file);
    if (block?.label === 'CERTIFICATE' && others.length === 0) return parseCertificate(block.bytes);
    const found = [block, ...others].map((one) => one?.label ?? '').join(', ');
    throw new Refusal('CS-PEM-002', { expected: 'one CERTIFICATE, the root', found });
  }
  const sum = options.text('anchor-sha256')?.replaceAll(/[:\s]/g, '').toLowerCase();
  if (sum === undefined) return undefined;
  if (!/^[0-9a-f]{64}$/.test(sum))
    throw new Refusal('CS-USAGE-003', { option: '--anchor-sha256', value: sum, expected: '64 hexadecimal digits' });
  const anchor = answered.find(({ raw }) => sha256Hex(raw) === sum);
  if (anchor === undefined) throw new Refusal('CS-ISSUER-009', { found: answered.map(({ raw }) => sha256Hex(raw)) });
  return anchor;
}

/** A root that came with the answer, where a person says that it is the right one; nobody else can. */
export async function confirmAnchor({ world }: Call, answered: readonly Certificate[]): Promise<Certificate> {
  const roots = answered.filter(isSelfIssued);
  const [root] = roots;
  if (root === undefined || roots.length > 1 || !world.stdin.isTTY)
    throw new Refusal('CS-ISSUER-009', { found: answered.map(({ subject }) => subject.text) });
  await confirm(
    `is this the SHA-256 of the corporate root, as you know it from elsewhere? ${sha256Hex(root.raw)}`,
    world,
  );
  return root;
}
