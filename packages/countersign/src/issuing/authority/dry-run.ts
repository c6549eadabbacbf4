/** What would be issued, and which rule decides: by the same functions as issuing, without a record, a signature or a key. */
import { isRefusal, type Refusal } from '../../ground/errors/index.ts';
import type { PublicKeyInfo, TbsCertificate } from '../../identity/x509/index.ts';
import type { AuthorityKeys } from './authority-keys.ts';
import { requireAllowedKey } from './key-rules.ts';
import { endEntityRules } from './lint-end-entity.ts';
import { readToBeSigned } from './lint.ts';
import { brokenCount, fixedNames, judgeNames } from './names.ts';
import { allowedLife, prepare } from './prepare.ts';
import type { Profile } from './profile.ts';

export interface DryRunOrder {
  readonly profile: Profile;
  /** Empty: the profile's own. */
  readonly names: readonly string[];
  readonly publicKey: PublicKeyInfo;
  /** Default the profile's. */
  readonly lifeMs?: number | undefined;
}

/** One check, of what, and the rule that decided. */
export interface Decision {
  readonly check: 'request' | 'name' | 'names' | 'key' | 'life' | 'issuer' | 'lint';
  readonly of: string;
  readonly allowed: boolean;
  readonly rule: string;
}

export interface DryRun {
  readonly decisions: readonly Decision[];
  /** What would be signed; absent where it is refused. */
  readonly certificate?: TbsCertificate;
  /** What the asker would be told. */
  readonly refusal?: Refusal;
}

export function dryRun(order: DryRunOrder, keys: AuthorityKeys, nowMs: number): DryRun {
  const decisions = [...nameDecisions(order, keys.trustDomain), keyDecision(order), lifeDecision(order)];
  const request = { ...order, publicKey: order.publicKey.raw, origin: 'dry run' };
  try {
    const { linted } = prepare(request, keys, nowMs);
    const certificate = readToBeSigned(linted.toBeSigned, keys.issuer.facts.signatureAlgorithm);
    const rule = `all ${String(endEntityRules.length)} rules hold`;
    return {
      decisions: [...decisions, { check: 'lint', of: 'what would be signed', allowed: true, rule }],
      certificate,
    };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return { decisions: [...decisions, ...furtherDecision(error)], refusal: error };
  }
}

function nameDecisions({ names, profile }: DryRunOrder, trustDomain: string): Decision[] {
  const all = names.length === 0 ? fixedNames(profile, trustDomain) : names;
  const broken = brokenCount(all, trustDomain, profile);
  if (all.length === 0 && broken !== undefined)
    return [{ check: 'names', of: 'none', allowed: false, rule: broken.rule }];
  const together: Decision[] =
    broken === undefined ? [] : [{ check: 'names', of: broken.name, allowed: false, rule: broken.rule }];
  const each = judgeNames(all, trustDomain, profile);
  return [...each.map(({ name, allowed, rule }) => ({ check: 'name' as const, of: name, allowed, rule })), ...together];
}

function keyDecision({ publicKey, profile }: DryRunOrder): Decision {
  const rule = `keys ${profile.keyTypes.join(', ')}`;
  return decided('key', publicKey.type, rule, () => requireAllowedKey(publicKey, profile));
}

function lifeDecision({ lifeMs, profile }: DryRunOrder): Decision {
  const { shortestMs, defaultMs, longestMs } = profile.life;
  const seconds = (ms: number): string => `${String(ms / 1000)} s`;
  const asked = lifeMs ?? defaultMs;
  return decided('life', seconds(asked), `life ${seconds(shortestMs)} to ${seconds(longestMs)}`, () => {
    allowedLife(asked, profile);
  });
}

function decided(check: Decision['check'], of: string, rule: string, decide: () => void): Decision {
  try {
    decide();
    return { check, of, allowed: true, rule };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return { check, of, allowed: false, rule: String(error.evidence['rule'] ?? rule) };
  }
}

/** What the checks by themselves have not said already. */
function furtherDecision({ code, title, evidence }: Refusal): Decision[] {
  if (code === 'CS-AUTHORITY-001') {
    const rule = `${String(evidence['rule'])} (${String(evidence['clause'])})`;
    return [{ check: 'lint', of: 'what would be signed', allowed: false, rule }];
  }
  const told: readonly string[] = ['CS-AUTHORITY-003', 'CS-AUTHORITY-004', 'CS-PROFILE-002'];
  return told.includes(code) ? [] : [{ check: 'issuer', of: 'the issuing certificate', allowed: false, rule: title }];
}
