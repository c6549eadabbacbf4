/** `up`: the authority, until it is told to end. */
import { join } from 'node:path';

import { toRfc3339 } from '../../ground/clock/index.ts';
import { isRefusal, toLogLine } from '../../ground/errors/index.ts';
import { openSettings, settingsFileName, type SettingsSource } from '../../issuing/server/index.ts';
import { stateDirectory } from '../../runtime/config/index.ts';
import type { Call } from '../call.ts';
import { calledAs } from '../called-as.ts';
import { KeyPassphrase, statePassphrase } from '../input/key-passphrase.ts';
import { toRefusal } from '../fault.ts';
import { stateDirectoryOf } from '../local-authority.ts';
import { endingStatus } from '../process/ending.ts';
import { refuseHostileProcess } from '../process/refuse-hostile-process.ts';
import { greeting, letIn, refused, type Serving } from '../up/greeting.ts';
import { openAuthority, type OpenAuthority } from '../up/open-authority.ts';
import { showEvent } from '../up/show-event.ts';

export async function run(call: Call): Promise<number> {
  const { options, output, world } = call;
  const { clock, ending } = world;
  const began = clock.monotonic();
  refuseHostileProcess(world);
  // Whatever is made from here on, SQLite's own files too, is for this user alone.
  process.umask(0o077);
  const dir = stateDirectoryOf(call);
  output.progress('starting the authority');
  const settings = await openSettings(options.text('config') ?? join(dir, settingsFileName), options.given('config'));
  const passphrases = new KeyPassphrase(options.text('passphrase-file'), statePassphrase, world);
  // Read in any case: a file that is missing or open to others is told also where the keys are unencrypted.
  const given = await passphrases.given();
  const asked = ending.wait();
  // Who waits for it reads `ready` first; what is done to get there is not news.
  let ready = false;
  const authority = await openAuthority({
    dir,
    listen: options.address('listen'),
    trustDomain: options.text('trust-domain'),
    passphrases,
    leaseMs: options.milliseconds('lease'),
    clock,
    settings,
    log: (event) => {
      if (ready || event.event !== 'own-certificate') showEvent(event, output, clock);
    },
  });
  try {
    ready = true;
    reloadOnHangUp(call, settings);
    greet(call, authority, { dir, readyMs: clock.monotonic() - began });
    if (given !== undefined && !authority.keysEncrypted) output.hint(unencryptedHint(world.env));
    const end = await Promise.race([asked, authority.failed]);
    if (typeof end !== 'string') throw end;
    output.hint(' ending');
    await authority.close();
    output.result({ ended: end });
    return end === 'SIGINT' ? endingStatus.SIGINT : 0;
  } finally {
    await authority.close();
  }
}

function unencryptedHint(env: Call['world']['env']): string {
  return ` note: a passphrase was given, and the keys on disk are unencrypted: ${calledAs(env)} authority passphrase`;
}

/** At a terminal a hang-up is the end of the session; a daemon has none, and is told so that its settings have changed. */
function reloadOnHangUp({ output, world }: Call, settings: SettingsSource): void {
  if (world.stdin.isTTY) return;
  const reload = async (): Promise<void> => {
    try {
      await settings.reload();
      output.say(` settings read again: ${settings.path}`);
      output.event('settings', { path: settings.path });
    } catch (error) {
      const refusal = isRefusal(error) ? error : toRefusal(error);
      output.say(` ${output.paint.bad('settings unchanged')}: ${toLogLine(refusal)}`);
      output.event('settings-refused', {
        path: settings.path,
        code: refusal.code,
        title: refusal.title,
        evidence: refusal.evidence,
      });
    }
  };
  world.ending.reloadOnHangUp(() => void reload());
}

function greet(
  { output, world }: Call,
  authority: OpenAuthority,
  { dir, readyMs }: { dir: string; readyMs: number },
): void {
  const { trustDomain, url, rootSha256: root, created, keysEncrypted, issuerNotAfterMs } = authority;
  const called = calledAs(world.env);
  const serving: Serving = {
    called,
    trustDomain,
    url,
    root,
    dir,
    dirIsDefault: isDefault(dir, world.env),
    created,
    keysEncrypted,
    issuerLeftMs: issuerNotAfterMs - world.clock.now(),
    readyMs,
  };
  output.say(greeting(serving, output.paint));
  output.event('ready', {
    url,
    root,
    dir,
    pid: world.pid,
    trustDomain,
    created,
    keysEncrypted,
    issuerNotAfter: toRfc3339(issuerNotAfterMs),
    letIn: letIn(serving),
    refused: refused(serving),
  });
}

/** Whether a terminal elsewhere, without our variables, comes to the same directory. */
function isDefault(dir: string, env: Call['world']['env']): boolean {
  return dir === stateDirectory({ environment: { ...env, COUNTERSIGN_DIR: undefined }, exists: () => false });
}
