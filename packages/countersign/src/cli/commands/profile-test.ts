/** `profile test`: what a certification request would bring under a profile, and which rule decides. Nothing is issued. */
import { toRfc3339 } from '../../ground/clock/index.ts';
import { type AuthorityKeys, createAuthority, type Decision, keylessAuthority } from '../../issuing/authority/index.ts';
import { rehearseEnrollment } from '../../issuing/enrollment-server/index.ts';
import { readHierarchy } from '../../issuing/server/index.ts';
import type { Call } from '../call.ts';
import { readInputText } from '../input/read-input.ts';
import { stateDirectoryOf } from '../local-authority.ts';
import { describeOutcome } from '../profiles/describe-outcome.ts';
import { decisionTable, outcomeText } from '../profiles/outcome-text.ts';
import { readProfiles } from '../profiles/read-profiles.ts';

/** Of a first run that says nothing else. */
const defaultTrustDomain = 'dev.internal';

export async function run(call: Call): Promise<number> {
  const { options, output, world } = call;
  const { path, set } = await readProfiles(call);
  const profile = set.require(call.arguments[0] ?? '');
  const request = await readInputText(options.needed('csr'), world);
  const { keys, limits } = await authorityOf(call);
  const { decisions, certificate, refusal } = rehearseEnrollment({
    profile,
    request,
    names: options.texts('name'),
    lifeMs: options.milliseconds('certificate-life'),
    keys,
    nowMs: world.clock.now(),
  });
  for (const decision of decisions) output.event('decision', { ...decision });
  const outcome = describeOutcome({ certificate, refusal });
  output.say(` profile ${profile.name} of ${path}\n ${limits}\n`);
  output.say(decisionTable(inOrder(decisions), output.paint));
  output.say(`\n${outcomeText(outcome)}`);
  output.result({ path, profile: profile.name, ...outcome });
  return outcome.wouldIssue ? 0 : 1;
}

/** What is refused first: it is what is looked for. */
function inOrder(decisions: readonly Decision[]): readonly Decision[] {
  return decisions.toSorted((a, b) => Number(a.allowed) - Number(b.allowed));
}

/** The certificates of the state directory; where there are none, those of an authority made for this answer and forgotten with it. */
async function authorityOf(call: Call): Promise<{ keys: AuthorityKeys; limits: string }> {
  const { options, world } = call;
  const dir = stateDirectoryOf(call);
  const hierarchy = await readHierarchy(dir);
  if (hierarchy !== undefined) {
    const keys = keylessAuthority(hierarchy);
    return { keys, limits: `issuer of ${dir}, until ${toRfc3339(keys.issuer.facts.notAfterMs)}` };
  }
  const trustDomain = options.text('trust-domain') ?? defaultTrustDomain;
  const keys = createAuthority({ trustDomain, clock: world.clock });
  return { keys, limits: `no authority in ${dir}:\n as a new one of ${trustDomain} would` };
}
