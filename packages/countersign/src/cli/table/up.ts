/** `up` as data. */
import { dirOption, passphraseOption, type Command } from './command.ts';

export const up: Command = {
  name: 'up',
  group: 'start here',
  summary: 'start the authority; the first run creates it',
  about:
    'Serves until it is told to end (Ctrl-C, SIGTERM). Its keys and its database stay in the state directory, readable by this user alone; the next start goes on from there. Where the first run is given a passphrase, the keys are encrypted with it. Whom it refuses is printed as it happens.',
  arguments: [],
  options: [
    dirOption,
    passphraseOption,
    {
      name: 'listen',
      kind: 'address',
      value: 'HOST:PORT',
      summary: 'address and TCP port to serve on; port 0 takes any free one',
      default: '127.0.0.1:7443',
    },
    {
      name: 'trust-domain',
      kind: 'text',
      value: 'NAME',
      summary: 'the name under which all its identities stand; fixed by the first run',
      default: 'dev.internal, or what the state directory has',
    },
    {
      name: 'config',
      kind: 'path',
      value: 'FILE',
      summary: 'the file of settings (YAML); SIGHUP reads it again where there is no terminal',
      default: 'authority.yaml in the state directory, where it exists',
    },
    {
      name: 'log-format',
      kind: 'choice',
      value: 'FORMAT',
      choices: ['text', 'json'],
      summary: 'what it tells while it runs, for people or one JSON object a line (telemetry.log in the settings)',
      default: 'text; with --system json',
    },
    {
      name: 'system',
      kind: 'switch',
      summary:
        'as a service of the system: state in /var/lib/countersign, socket in /run/countersign, settings in /etc/countersign, or where systemd says',
      default: 'off',
    },
    {
      name: 'print-unit',
      kind: 'choice',
      value: 'UNIT',
      choices: ['service', 'socket'],
      summary: 'print the unit for systemd instead, and end',
      default: 'off',
    },
    {
      name: 'lease',
      kind: 'duration',
      value: 'DURATION',
      summary:
        'how long an endpoint cut off from the feed of revocations goes on before it refuses everybody (s, m, h, d); also the longest that it may accept what was revoked, unless it was told to continue (run --after-lease)',
      default: '12h',
    },
  ],
  examples: [
    { line: 'countersign up', shows: 'on this machine alone, at 127.0.0.1:7443' },
    { line: 'countersign up --listen 127.0.0.1:0 --json', shows: 'any free port; the first line says which' },
    {
      line: 'countersign up --dir /var/lib/countersign --trust-domain corp.internal',
      shows: 'a state directory and a name of your own',
    },
  ],
  result: ['ended'],
};
