/** `gateway`, `config check`, `config diff` and `config test` as data. */
import type { Command } from './command.ts';

const file = {
  name: 'FILE',
  summary: 'the configuration, YAML (docs/gateway.md)',
  required: true,
  many: false,
} as const;

export const gateway: Command = {
  name: 'gateway',
  group: 'start here',
  summary: 'an API gateway: partners show certificates, services stay plain',
  about:
    'Runs in the foreground until it is told to end (SIGTERM, SIGINT), lets requests finish then, and closes. The file is read again at SIGHUP and when it or a certificate, key or list of anchors that it names changes: taken whole, or the last good one stays in force and the problems are told. Each request is a line of JSON on stdout.',
  arguments: [file],
  options: [],
  examples: [
    { line: 'countersign gateway gateway.yaml', shows: 'run it; another terminal: kill -HUP to read the file again' },
  ],
  result: ['ended'],
};

export const configCheck: Command = {
  name: 'config check',
  group: 'look',
  summary: 'everything that is wrong with a configuration of the gateway, in one go',
  about:
    'Reads the file and the certificates, keys and anchors that it names, as the gateway would, and starts nothing. Each problem comes with its line, column and near match. Exit status 0: the gateway would take it.',
  arguments: [file],
  options: [],
  examples: [
    { line: 'countersign config check next.yaml', shows: 'before it is put in the place of the one in force' },
  ],
  environment: 'any',
  result: ['path', 'valid', 'problems', 'hosts', 'routes', 'partners'],
};

export const configDiff: Command = {
  name: 'config diff',
  group: 'look',
  summary: 'which partners would lose access under another configuration',
  about:
    'Asks the routes of the old file, one by one, as each partner that they allow, under the new one. Where the gateway of the old file runs with admin.socket, it also says when each called last. Exit status 1: somebody would lose access.',
  arguments: [
    { name: 'OLD', summary: 'the configuration in force', required: true, many: false },
    { name: 'NEW', summary: 'the one that is meant to be next', required: true, many: false },
  ],
  options: [],
  examples: [
    { line: 'countersign config diff gateway.yaml next.yaml', shows: 'who would be refused that is let in now' },
  ],
  environment: 'any',
  result: ['losing', 'lost'],
};

export const configTest: Command = {
  name: 'config test',
  group: 'look',
  summary: 'whether a configuration decides as a file of expectations says',
  about:
    'Each expectation says who asks (`as`: a partner, a SPIFFE ID, or nobody), for what (`method`, `url`), and what comes of it (`expect`: allowed, denied, or the code of the refusal). Decided as the gateway decides, without a connection. The partners of a registry are those that the gateway heard of last (its cache), or those of --registry. Exit status 1: one is not met.',
  arguments: [file, { name: 'EXPECTATIONS', summary: 'YAML, a list (docs/gateway.md)', required: true, many: false }],
  options: [
    {
      name: 'registry',
      kind: 'path',
      value: 'FILE',
      summary: 'the partners of the registry: what partner list --json printed, or the cache of a gateway',
      default: 'registry.cache of FILE, where a gateway has written it',
    },
  ],
  examples: [
    { line: 'countersign config test next.yaml expectations.yaml', shows: 'in CI, before anybody else notices' },
    {
      line: 'countersign config test next.yaml expectations.yaml --registry partners.jsonl',
      shows: 'with what countersign partner list --json printed',
    },
  ],
  environment: 'any',
  result: ['expectations', 'unmet', 'registry'],
};
