/** What a command is, as data: help, parsing and the documentation's tests read the same description. */
export type OptionKind = 'switch' | 'text' | 'path' | 'duration' | 'address' | 'time' | 'choice';

export interface Option {
  /** Without the dashes. */
  readonly name: string;
  readonly kind: OptionKind;
  /** What stands for the value in help: `DIR`; absent for a switch. */
  readonly value?: string;
  readonly summary: string;
  /** What applies when the option is not given, in words or as it would be typed. */
  readonly default: string;
  readonly choices?: readonly string[];
  readonly required?: boolean;
  /** Whether it may be given more than once, each time with a further value; of kind text or path. */
  readonly many?: boolean;
  /** Refused by name in this version: what it will mean, and what to do until then. */
  readonly later?: { readonly meaning: string; readonly instead: string };
}

export interface Argument {
  readonly name: string;
  readonly summary: string;
  readonly required: boolean;
  readonly many: boolean;
}

export interface Example {
  readonly line: string;
  readonly shows: string;
}

export interface Command {
  /** One word, or several: `authority audit verify`. */
  readonly name: string;
  readonly group: 'start here' | 'certificates' | 'authority' | 'look' | 'about';
  /** One line, lower case, no full stop. */
  readonly summary: string;
  /** What a person should know before using it: a few sentences. */
  readonly about: string;
  readonly arguments: readonly Argument[];
  readonly options: readonly Option[];
  /** A program with its arguments follows after `--`. */
  readonly program?: { readonly name: string; readonly summary: string };
  readonly examples: readonly Example[];
  /**
   * `any`: it holds no key and speaks with no peer, so that settings which weaken TLS or open the process do no harm to it. All others refuse to
   * start under them (bypass class R).
   */
  readonly environment?: 'any';
  /** What is printed at the end with --json, beside `event`. */
  readonly result: readonly string[];
}

/** Every command takes these. */
export const everywhere: readonly Option[] = [
  {
    name: 'json',
    kind: 'switch',
    summary: 'one JSON object a line on stdout; text for people on stderr',
    default: 'off',
  },
  { name: 'help', kind: 'switch', summary: 'show this', default: 'off' },
];

export const dirOption: Option = {
  name: 'dir',
  kind: 'path',
  value: 'DIR',
  summary: "the authority's state directory",
  default: 'COUNTERSIGN_DIR, else ./.countersign where it exists, else the XDG state folder',
};

/** Where the authority is that an administrator speaks to: this machine's, unless another is named. */
export const authorityOptions: readonly Option[] = [
  dirOption,
  {
    name: 'authority',
    kind: 'text',
    value: 'URL',
    summary: "https://HOST:PORT, or unix:PATH for the socket that the settings open to this machine's other users",
    default: "the credential's, else the authority of the state directory",
  },
  {
    name: 'credential',
    kind: 'path',
    value: 'DIR',
    summary: "an administrator's credential folder (cert.pem, key.pem, roots.pem), to ask over HTTPS",
    default: 'none: the local socket, where the kernel says who calls',
  },
];

/** Of commands that read the audit log; each says its own default. */
export const sinceOption: Omit<Option, 'default'> = {
  name: 'since',
  kind: 'text',
  value: 'NUMBER|TIME',
  summary: 'the first entry: its number, or a time (2026-01-31T12:00:00Z)',
};

/** Of commands that open the authority's keys. */
export const passphraseOption: Option = {
  name: 'passphrase-file',
  kind: 'path',
  value: 'FILE',
  summary: "its first line opens the authority's keys, and encrypts those that are made; mode 0600; - is stdin",
  default:
    'COUNTERSIGN_PASSPHRASE, else the systemd credential countersign-passphrase, else asked for on a terminal where keys are encrypted',
};

/** Of commands that open or make a root that is carried. */
export const rootPassphraseOption: Option = {
  name: 'root-passphrase-file',
  kind: 'path',
  value: 'FILE',
  summary: 'its first line is the passphrase of the root; mode 0600; - is stdin',
  default: 'COUNTERSIGN_ROOT_PASSPHRASE, else asked for on a terminal',
};

/** Of commands that look at a TLS server. */
export const serverOptions: readonly Option[] = [
  {
    name: 'servername',
    kind: 'text',
    value: 'NAME',
    summary: 'the name to ask a server for (SNI)',
    default: 'HOST, where it is a name',
  },
  {
    name: 'timeout',
    kind: 'duration',
    value: 'DURATION',
    summary: 'how long a server may take to connect and shake hands (s, m, h, d)',
    default: '10s',
  },
];
