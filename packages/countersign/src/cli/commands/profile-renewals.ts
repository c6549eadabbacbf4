/** `profile renewals`: who would not get the next certificate with these settings. */
import { printable } from '../../ground/errors/index.ts';
import type { LostRenewal } from '../../runtime/api/index.ts';
import { withAuthority } from '../administered-authority.ts';
import type { Call } from '../call.ts';

import { readProfiles } from '../profiles/read-profiles.ts';
import { table } from '../text/table.ts';

export async function run(call: Call): Promise<number> {
  const { output } = call;
  const { path, section } = await readProfiles(call);
  output.progress('asking the authority');
  const { checked, refused, certificates } = await withAuthority(call, (authority) =>
    authority.profileRenewals({ profiles: { ...section } }),
  );
  for (const lost of certificates) output.event('lost', { ...lost });
  output.say(answer(checked, refused, certificates));
  output.result({ path, checked, refused });
  return refused === 0 ? 0 : 1;
}

function answer(checked: number, refused: number, certificates: readonly LostRenewal[]): string {
  if (refused === 0) return ` nobody would lose access: ${String(checked)} certificates would be renewed`;
  const rows = certificates.map(({ serial, code, profile, names, title, evidence }) => {
    const facts = ['name', 'rule', 'key'].flatMap((fact) => (fact in evidence ? [String(evidence[fact])] : []));
    return { cells: [serial, profile, code], below: printable(`${names.join(' ')}: ${[title, ...facts].join(', ')}`) };
  });
  const more = refused > certificates.length ? [` and ${String(refused - certificates.length)} more`] : [];
  const head = ` of ${String(checked)} certificates on record, these would not be renewed:`;
  return [head, '', table(['SERIAL', 'PROFILE', 'CODE'], rows), ...more].join('\n');
}
