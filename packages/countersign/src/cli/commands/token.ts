/** `token`: a one-time enrolment token, alone on stdout or in a file of its own. */
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { toRfc3339 } from '../../ground/clock/index.ts';
import { decodeToken } from '../../runtime/api/index.ts';
import { writeFailure } from '../../runtime/config/index.ts';
import type { Call } from '../call.ts';
import { calledAs, shellWords } from '../called-as.ts';
import { withLocalAuthority } from '../local-authority.ts';
import { formatDuration } from '../text/duration.ts';

/** An hour: long enough to carry it to another machine, too short to be found later. */
const defaultLifeMs = 3_600_000;

export async function run(call: Call): Promise<number> {
  const { options, output, world } = call;
  const lifeMs = options.milliseconds('life') ?? defaultLifeMs;
  const certificateLifeMs = options.milliseconds('certificate-life');
  const { token } = await withLocalAuthority(call, (authority) =>
    authority.createToken({
      names: [...call.arguments],
      lifeSeconds: Math.ceil(lifeMs / 1000),
      ...(certificateLifeMs === undefined ? {} : { certificateLifeSeconds: Math.ceil(certificateLifeMs / 1000) }),
    }),
  );
  const { names, expires } = decodeToken(token);
  const file = options.text('out');
  if (file !== undefined) await writeNew(resolve(world.workingDirectory, file), file, token);
  else if (!output.json) output.say(token);
  const called = calledAs(world.env);
  output.hint(
    ` a token for ${names.join(', ')}: good once, for ${formatDuration(expires - world.clock.now() + 999)}; keep it secret`,
  );
  output.hint(' use it:');
  output.hint(`   ${called} issue --token-file ${shellWords([file ?? 'FILE'])} --out DIR`);
  output.result({ token, names, expires: toRfc3339(expires), ...(file === undefined ? {} : { file }) });
  return 0;
}

/** Never into an existing file: its mode would stay, and what it held would be lost. */
async function writeNew(path: string, shown: string, token: string): Promise<void> {
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(`${token}\n`);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw writeFailure(error, shown);
  }
}
