/**
 * The process's own environment as an attack: settings from outside that switch verification off, write session secrets out, open a
 * debugger or change the TLS library. A long-running command refuses to start under them, each by name.
 *
 * `NODE_EXTRA_CA_CERTS` is let be: it adds to Node's default store, and every context here has an explicit `ca`, which replaces that store.
 */
import { Refusal } from '../../ground/errors/index.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Options that write secrets of sessions, or memory with keys in it, out of the process. */
const leaking = ['--tls-keylog', '--trace-tls', '--heapsnapshot-signal', '--heapsnapshot-near-heap-limit'];

/** All of `--inspect`, `--inspect-brk`, `--inspect-port` and their kin; `--debug-port` is an alias of one of them. */
const debugging = ['--inspect', '--debug-port'];

const versions = ['--tls-min-v', '--tls-max-v'];

/** Other trust stores, configurations of OpenSSL, and a file that can set any of these options unseen. */
const library = [
  '--use-openssl-ca',
  '--use-system-ca',
  '--openssl-config',
  '--openssl-shared-config',
  '--openssl-legacy-provider',
  '--experimental-config-file',
  '--experimental-default-config-file',
];

/**
 * @param env the process's environment variables
 * @param execArgv the options of Node's own command line (`process.execArgv`)
 * @throws CS-ENV-001 to -005, naming the setting
 */
export function refuseHostileEnvironment(env: Environment, execArgv: readonly string[]): void {
  refuseVariables(env);
  for (const option of execArgv) refuseOption(option, option);
  for (const option of splitNodeOptions(env['NODE_OPTIONS'] ?? '')) refuseOption(option, `NODE_OPTIONS=${option}`);
}

function refuseVariables(env: Environment): void {
  // Node takes "0" alone; whoever sets any other value means the same and gets told.
  const unauthorized = env['NODE_TLS_REJECT_UNAUTHORIZED'] ?? '';
  if (unauthorized !== '' && unauthorized !== '1') {
    throw new Refusal('CS-ENV-001', { setting: `NODE_TLS_REJECT_UNAUTHORIZED=${unauthorized}` });
  }
  // Node itself does not read it, but an OpenSSL built with sslkeylog under a distribution's Node does.
  if (isSet(env, 'SSLKEYLOGFILE')) throw new Refusal('CS-ENV-002', { setting: 'SSLKEYLOGFILE' });
  for (const name of ['OPENSSL_CONF', 'OPENSSL_CONF_INCLUDE', 'OPENSSL_MODULES', 'OPENSSL_ENGINES']) {
    if (isSet(env, name)) throw new Refusal('CS-ENV-005', { setting: name });
  }
  if (env['NODE_USE_SYSTEM_CA'] === '1') throw new Refusal('CS-ENV-005', { setting: 'NODE_USE_SYSTEM_CA=1' });
}

function isSet(env: Environment, name: string): boolean {
  return (env[name] ?? '') !== '';
}

/** @param given the option as written @param setting how to name it */
function refuseOption(given: string, setting: string): void {
  // Node takes underscores for hyphens in the names of its options.
  const option = (given.split('=', 1)[0] ?? '').replaceAll('_', '-');
  const among = (list: readonly string[]): boolean => list.some((begin) => option.startsWith(begin));
  if (among(leaking)) throw new Refusal('CS-ENV-002', { setting });
  if (among(debugging)) throw new Refusal('CS-ENV-003', { setting });
  if (among(versions)) throw new Refusal('CS-ENV-004', { setting });
  if (among(library)) throw new Refusal('CS-ENV-005', { setting });
}

/** NODE_OPTIONS as Node splits it: at spaces outside double quotes; a backslash inside them takes the next character as it is. */
function splitNodeOptions(text: string): readonly string[] {
  const options: string[] = [];
  let option = '';
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? '';
    if (character === '"') quoted = !quoted;
    else if (quoted && character === '\\') option += text[++at] ?? '';
    else if (character === ' ' && !quoted) {
      options.push(option);
      option = '';
    } else option += character;
  }
  return [...options, option].filter((one) => one !== '');
}
