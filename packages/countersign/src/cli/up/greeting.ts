/** What `up` says when it serves: what it is, and two commands to paste, one that is let in and one that is refused. */
import type { Paint } from '../output/paint.ts';
import { shellWords } from '../called-as.ts';
import { formatDuration } from '../text/duration.ts';

export interface Serving {
  /** How the person calls the command. */
  readonly called: string;
  readonly trustDomain: string;
  /** `https://host:port` */
  readonly url: string;
  /** SHA-256 of the root, hexadecimal. */
  readonly root: string;
  readonly dir: string;
  /** Whether another terminal finds the state directory by itself. */
  readonly dirIsDefault: boolean;
  /** Where access tokens are to be had; `undefined`: nowhere. */
  readonly tokenIssuer?: string | undefined;
  readonly created: boolean;
  /** Whether the keys on disk are under a passphrase. */
  readonly keysEncrypted: boolean;
  /** How long the issuer can still issue, in milliseconds. */
  readonly issuerLeftMs: number;
  readonly readyMs: number;
  /** How many persons must agree to what needs these roles. */
  readonly persons: { readonly issuer: number; readonly root: number };
}

export function greeting(serving: Serving, paint: Paint): string {
  const { trustDomain, url, root, dir, created, readyMs, tokenIssuer } = serving;
  const did = created ? 'created' : 'started';
  return [
    ` ${paint.strong(`authority ${trustDomain}`)}  ${did}; ready in ${(readyMs / 1000).toFixed(1)} s`,
    `   address  ${url}`,
    `   root     ${root}`,
    '            (its SHA-256)',
    ...(tokenIssuer === undefined ? [] : [`   tokens   ${tokenIssuer}`]),
    `   state    ${dir}`,
    ...twoPersons(serving),
    ...remarks(serving),
    '',
    ' Refusals are shown here as they happen; Ctrl-C ends it, the state stays.',
    ' Now, in another terminal: one that is let in, and one that is refused.',
    '',
    // Whole lines, however long: what is broken to fit does not survive every paste.
    paint.good(letIn(serving)),
    paint.bad(refused(serving)),
  ].join('\n');
}

/** Said where it is so: alone, nobody wonders. */
function twoPersons({ persons }: Serving): string[] {
  const deciding = (['issuer', 'root'] as const).filter((role) => persons[role] > 1);
  return deciding.length === 0
    ? []
    : [`   rule     two persons must agree to what needs the role ${deciding.join(' or ')}`];
}

/** 30 days: what it takes to have an issuer certified by people who meet for it. Own choice. */
const soonMs = 30 * 24 * 3_600_000;

function remarks({ created, keysEncrypted, issuerLeftMs, called }: Serving): string[] {
  const unencrypted = [
    '   keys     unencrypted on disk, readable by this user alone; to encrypt them:',
    `            ${called} authority passphrase`,
  ];
  const ending = [
    `   issuer   ends in ${formatDuration(Math.max(issuerLeftMs, 0))}: no certificate will outlive it; a new one:`,
    `            ${called} authority ceremony request --out FILE`,
  ];
  return [...(created && !keysEncrypted ? unencrypted : []), ...(issuerLeftMs < soonMs ? ending : [])];
}

/** A program with an identity asks the authority who it is. */
export function letIn({ called, url, dir, dirIsDefault }: Serving): string {
  const where = dirIsDefault ? '' : `--dir ${shellWords([dir])} `;
  const files = '--cert "$COUNTERSIGN_CERT" --key "$COUNTERSIGN_KEY" --cacert "$COUNTERSIGN_ROOTS"';
  return `${called} run --as web ${where}-- sh -c 'curl -sS ${files} ${url}/v1/whoami'`;
}

/** The same question from somebody without a certificate. */
export function refused({ url }: Serving): string {
  return `curl -sSk ${url}/v1/whoami`;
}
