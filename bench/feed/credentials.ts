/** Certificates of an authority that serves from a state directory, as PEM. */
import { encodePem } from 'countersign/encoding';
import { generatePrivateKey } from 'countersign/cryptography';
import { enroll, type HeldCredential } from 'countersign/enrollment';
import type { AdministeredAuthority } from 'countersign/api';

export async function enrolled(local: AdministeredAuthority, name: string): Promise<HeldCredential> {
  const { token } = await local.createToken({ names: [name], lifeSeconds: 3600 });
  return enroll({ token, privateKey: generatePrivateKey('P-256') });
}

export function pemOfHeld({ leaf, intermediates, privateKey }: HeldCredential): { cert: string; key: string } {
  const chain = [leaf, ...intermediates].map(({ raw }) => encodePem('CERTIFICATE', raw));
  return { cert: chain.join(''), key: privateKey.toPem() };
}

export function rootsOfHeld({ roots }: HeldCredential): string {
  return roots.map(({ raw }) => encodePem('CERTIFICATE', raw)).join('');
}
