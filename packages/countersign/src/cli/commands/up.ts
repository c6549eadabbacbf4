/** `up`: the authority, until it is told to end. */
import { toRfc3339 } from '../../ground/clock/index.ts';
import { isRefusal, toLogLine } from '../../ground/errors/index.ts';
import { openSettings, type AuthoritySettings, type SettingsSource } from '../../issuing/server/index.ts';
import { stateDirectory } from '../../runtime/config/index.ts';
import { type LogLevel, Redactor } from '../../runtime/telemetry/index.ts';
import type { Call } from '../call.ts';
import { calledAs } from '../called-as.ts';
import { KeyPassphrase, statePassphrase } from '../input/key-passphrase.ts';
import { toRefusal } from '../fault.ts';
import { endingStatus } from '../process/ending.ts';
import { takeHandedSockets } from '../system/handed-sockets.ts';
import { openNotifier } from '../system/notify.ts';
import { type SystemTeller, tellSystem } from '../system/tell-system.ts';
import { greeting, letIn, refused, type Serving } from '../up/greeting.ts';
import { openAuthority, type OpenAuthority } from '../up/open-authority.ts';
import { openTracing } from '../up/open-tracing.ts';
import { createUpLog, type UpLog } from '../up/up-log.ts';
import { unloggedPassphrases } from '../up/unlogged-passphrases.ts';
import { upPlace } from '../up/up-place.ts';

export async function run(call: Call): Promise<number> {
  const { options, output, world } = call;
  const { clock, ending, env, pid } = world;
  const began = clock.monotonic();
  const unit = options.text('print-unit');
  if (unit !== undefined) return printUnit(call, unit);
  // Whatever is made from here on, SQLite's own files too, is for this user alone.
  process.umask(0o077);
  const sockets = await takeHandedSockets(env, pid);
  const notifier = await openNotifier(env, pid);
  forgetManager();
  const { dir, socketDir, settings: place } = await upPlace(call);
  output.progress('starting the authority');
  const settings = await openSettings(place.path, place.required);
  const redactor = new Redactor();
  const asking = new KeyPassphrase(options.text('passphrase-file'), statePassphrase, world);
  const passphrases = unloggedPassphrases(asking, redactor);
  // Read in any case: a file that is missing or open to others is told also where the keys are unencrypted.
  const given = await passphrases.given();
  const level = (): LogLevel => settings.current().telemetry?.log?.level ?? 'info';
  const log = openLog(call, { settings: settings.current(), redactor, level });
  const asked = ending.wait();
  // Who waits for it reads `ready` first; what is done to get there is not news.
  let ready = false;
  const failed = (what: string, why: string): void => log.event({ event: 'failed', what, why });
  let onLost = (_spans: number): void => undefined;
  const tracing = await openTracing({
    otlp: settings.current().telemetry?.otlp,
    clock,
    onLost: (spans) => onLost(spans),
    onFailure: (why) => failed('sending traces', why),
  });
  const authority = await openAuthority({
    dir,
    socketDir,
    listen: sockets.address ?? options.address('listen'),
    sockets,
    trustDomain: options.text('trust-domain'),
    passphrases,
    leaseMs: options.milliseconds('lease'),
    clock,
    settings,
    tracing,
    log: (event) => {
      if (ready || event.event !== 'own-certificate') log.event(event);
    },
  });
  onLost = (spans) => authority.spansLost(spans);
  try {
    ready = true;
    const system = tellSystem({ notifier, assess: () => authority.readiness.assess(), serves: authority.url, clock });
    reloadOnHangUp(call, settings, log, system);
    greet(call, authority, { dir, readyMs: clock.monotonic() - began, log });
    if (given !== undefined && !authority.keysEncrypted) output.hint(unencryptedHint(world.env));
    const end = await Promise.race([asked, authority.failed]);
    system.stopping();
    if (typeof end !== 'string') throw end;
    if (log.forPeople) output.hint(' ending');
    else
      log.record({ atMs: clock.now(), level: 'notice', event: 'ending', message: 'ending', fields: { signal: end } });
    await authority.close();
    output.result({ ended: end });
    return end === 'SIGINT' ? endingStatus.SIGINT : 0;
  } finally {
    await authority.close();
    await tracing.close();
    log.flush();
  }
}

async function printUnit({ options, output }: Call, which: string): Promise<number> {
  const { printedUnit } = await import('../system/print-unit.ts');
  const unit = printedUnit(which, options.address('listen'));
  if (!output.json) output.say(unit.trimEnd());
  output.result({ unit });
  return 0;
}

/** What was said to this process is not for those that it starts (sd_notify(3), sd_listen_fds(3)). */
function forgetManager(): void {
  for (const name of ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID', 'LISTEN_FDS', 'LISTEN_PID', 'LISTEN_FDNAMES'])
    Reflect.deleteProperty(process.env, name);
}

interface LogParts {
  readonly settings: AuthoritySettings;
  readonly redactor: Redactor;
  readonly level: () => LogLevel;
}

function openLog({ options, output, world }: Call, { settings, redactor, level }: LogParts): UpLog {
  const system = options.on('system');
  const asked = (options.text('log-format') ?? settings.telemetry?.log?.format) as 'json' | 'text' | undefined;
  return createUpLog({
    output,
    clock: world.clock,
    redactor,
    format: asked ?? (system ? 'json' : 'text'),
    // Set where the output is the journal's (systemd.exec(5)).
    journal: system && (world.env['JOURNAL_STREAM'] ?? '') !== '',
    level,
  });
}

function unencryptedHint(env: Call['world']['env']): string {
  return ` note: a passphrase was given, and the keys on disk are unencrypted: ${calledAs(env)} authority passphrase`;
}

/** At a terminal a hang-up is the end of the session; a daemon has none, and is told so that its settings have changed. */
function reloadOnHangUp({ world }: Call, settings: SettingsSource, log: UpLog, system: SystemTeller): void {
  if (world.stdin.isTTY) return;
  const { path } = settings;
  const atMs = (): { atMs: number } => ({ atMs: world.clock.now() });
  const reload = async (): Promise<void> => {
    system.reloading();
    try {
      await settings.reload();
      const message = `settings read again: ${path}`;
      log.record({ ...atMs(), level: 'notice', event: 'settings', message, fields: { path } });
    } catch (error) {
      const refusal = isRefusal(error) ? error : toRefusal(error);
      const { code, title, evidence } = refusal;
      const message = `settings unchanged: ${toLogLine(refusal)}`;
      const fields = { path, title, evidence };
      log.record({ ...atMs(), level: 'error', event: 'settings-refused', code, message, fields });
    } finally {
      system.reloaded();
    }
  };
  world.ending.reloadOnHangUp(() => void reload());
}

function greet(
  { output, world }: Call,
  authority: OpenAuthority,
  { dir, readyMs, log }: { dir: string; readyMs: number; log: UpLog },
): void {
  const { trustDomain, url, rootSha256: root, created, telemetryUrl, keysEncrypted, issuerNotAfterMs } = authority;
  const called = calledAs(world.env);
  const tokenIssuer = authority.tokenIssuerUrl();
  const serving: Serving = {
    called,
    trustDomain,
    url,
    root,
    dir,
    dirIsDefault: isDefault(dir, world.env),
    tokenIssuer,
    created,
    keysEncrypted,
    issuerLeftMs: issuerNotAfterMs - world.clock.now(),
    readyMs,
    persons: authority.persons(),
  };
  const facts = {
    url,
    root,
    dir,
    pid: world.pid,
    trustDomain,
    created,
    persons: serving.persons,
    keysEncrypted,
    issuerNotAfter: toRfc3339(issuerNotAfterMs),
    ...(telemetryUrl === undefined ? {} : { telemetry: telemetryUrl }),
    ...(tokenIssuer === undefined ? {} : { tokenIssuer }),
  };
  if (log.forPeople) {
    output.say(greeting(serving, output.paint));
    output.event('ready', { ...facts, letIn: letIn(serving), refused: refused(serving) });
    return;
  }
  const message = `authority ${trustDomain} serves at ${url}`;
  const fields = { ...facts, readyMs: Math.round(readyMs), letIn: letIn(serving), refused: refused(serving) };
  log.record({ atMs: world.clock.now(), level: 'notice', event: 'ready', message, fields });
}

/** Whether a terminal elsewhere, without our variables, comes to the same directory. */
function isDefault(dir: string, env: Call['world']['env']): boolean {
  return dir === stateDirectory({ environment: { ...env, COUNTERSIGN_DIR: undefined }, exists: () => false });
}
