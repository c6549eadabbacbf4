/** `token`: a one-time enrolment token, alone on stdout or in a file of its own. */
import { resolve } from 'node:path';
import { toRfc3339 } from '../../ground/clock/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import { decodeToken } from '../../runtime/api/index.ts';
import type { Call } from '../call.ts';
import { calledAs, shellWords } from '../called-as.ts';
import { withAuthority } from '../administered-authority.ts';
import { intoNewFile } from '../output/new-file.ts';
import { formatDuration } from '../text/duration.ts';

/** An hour: long enough to carry it to another machine, too short to be found later. */
const defaultLifeMs = 3_600_000;

export async function run(call: Call): Promise<number> {
  const { options, output, world } = call;
  const lifeMs = options.milliseconds('life') ?? defaultLifeMs;
  const certificateLifeMs = options.milliseconds('certificate-life');
  const profile = options.text('profile');
  refuseNobody(call);
  const ask = async (): Promise<string> => {
    const made = await withAuthority(call, (authority) =>
      authority.createToken({
        ...(call.arguments.length === 0 ? {} : { names: [...call.arguments] }),
        lifeSeconds: Math.ceil(lifeMs / 1000),
        ...(profile === undefined ? {} : { profile }),
        ...(certificateLifeMs === undefined ? {} : { certificateLifeSeconds: Math.ceil(certificateLifeMs / 1000) }),
      }),
    );
    return made.token;
  };
  const file = options.text('out');
  const token = file === undefined ? await ask() : await intoNewFile(resolve(world.workingDirectory, file), file, ask);
  if (file === undefined && !output.json) output.say(token);
  const { names, expires } = decodeToken(token);
  const called = calledAs(world.env);
  output.hint(
    ` a token for ${names.length === 0 ? 'the names of the request' : names.join(', ')}: good once, for ${formatDuration(expires - world.clock.now() + 999)}; keep it secret`,
  );
  output.hint(' use it:');
  const asked = names.length === 0 ? 'NAME... ' : '';
  output.hint(`   ${called} issue ${asked}--token-file ${shellWords([file ?? 'FILE'])} --out DIR`);
  output.result({
    token,
    names,
    profile: profile ?? 'service',
    expires: toRfc3339(expires),
    ...(file === undefined ? {} : { file }),
  });
  return 0;
}

/** Names may come from the profile or the request, where a profile is named; whether it says so, the authority knows. */
function refuseNobody({ arguments: names, options, command }: Call): void {
  if (names.length > 0 || options.given('profile')) return;
  throw new Refusal('CS-USAGE-004', { missing: 'a NAME', example: command.examples[0]?.line ?? '' });
}
