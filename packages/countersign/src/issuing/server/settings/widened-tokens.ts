/** What a change of the settings gives of access tokens that was not given before: a matter of who has the role `issuer`. */
import { durationMs } from '../../../runtime/config/index.ts';
import { canonicalJson } from '../approval/canonical-json.ts';
import type { Widened, Widens } from '../approval/settings-gate.ts';

export const widenedTokens: Widens = ({ tokenIssuer: before }, { tokenIssuer: after }) => {
  if (after === undefined) return [];
  const decide = (what: string): Widened => ({ role: 'issuer', what });
  const added = (list: 'clients' | 'identities' | 'resourceServers', what: (entry: object) => string): Widened[] => {
    const known = new Set((before?.[list] ?? []).map(canonicalJson));
    const entries: readonly unknown[] = after[list] ?? [];
    return entries
      .filter((entry) => !known.has(canonicalJson(entry)))
      .map((entry) => decide(what(Object(entry) as object)));
  };
  return [
    ...(before?.issuer === after.issuer ? [] : [decide(`access tokens in the name of ${after.issuer}`)]),
    ...added(
      'clients',
      (entry) => `access tokens for the client ${member(entry, 'client_id')}, as it is described now`,
    ),
    ...added('identities', (entry) => `access tokens for ${member(entry, 'who')}, for ${member(entry, 'resources')}`),
    ...added(
      'resourceServers',
      (entry) => `${member(entry, 'who')} may ask about tokens for ${member(entry, 'resource')}`,
    ),
    ...(lifeOf(after.life) > lifeOf(before?.life) ? [decide('access tokens that live longer')] : []),
    ...(after.selfSigned === 'accepted' && before?.selfSigned !== 'accepted'
      ? [decide('access tokens for certificates that nobody vouches for')]
      : []),
  ];
};

const defaultLife = '5m';

function lifeOf(text: string = defaultLife): number {
  return durationMs(text);
}

function member(entry: object, name: string): string {
  const value: unknown = new Map<string, unknown>(Object.entries(entry)).get(name);
  return Array.isArray(value) ? value.join(', ') : String(value);
}
