/** Issues only while it is allowed: what is forbidden meanwhile is not handed out, though it may have been signed. */
import type { IssuedCertificate, Profile } from '../authority/index.ts';
import type { Enrollment } from './enrollment.ts';

export async function whileAllowed(
  { mayHave }: Pick<Enrollment, 'mayHave'>,
  { profile, names }: { readonly profile: Profile; readonly names: readonly string[] },
  issue: () => Promise<IssuedCertificate>,
): Promise<IssuedCertificate> {
  await mayHave?.(profile, names);
  const issued = await issue();
  // A suspension in between was told of what was on record then.
  await mayHave?.(profile, names);
  return issued;
}
