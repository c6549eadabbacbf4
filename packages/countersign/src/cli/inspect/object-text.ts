/** One object of a file for people: the names first, then until when, then the rest. */
import { parseRfc3339 } from '../../ground/clock/index.ts';
import { printable } from '../../ground/errors/index.ts';
import { formatDuration } from '../text/duration.ts';
import { beside } from '../text/wrap.ts';
import type { Described } from './describe-object.ts';

const titles: Readonly<Record<Described['kind'], string>> = {
  certificate: 'certificate',
  request: 'certification request',
  'private-key': 'private key (contents not shown)',
  'public-key': 'public key',
  'key-parameters': 'parameters of a key',
};

export function objectTitle({ kind }: Described): string {
  return titles[kind];
}

/** Only what is there: an absent field is left out, an empty one says so. */
export function objectText(object: Described, now: number): string {
  const rows: [string, string | undefined][] = [
    ['names', list(object['names'], 'none')],
    ['subject', text(object['subject'])],
    ['valid', validity(object, now)],
    ['type', keyType(object)],
    ['key', key(object['publicKey'])],
    ['authority', authority(object)],
    ['usage', usage(object)],
    ['serial', text(object['serial'])],
    ['issuer', text(object['issuer'])],
    ['signed', signed(object)],
    ['extensions', extensions(object['extensions'])],
    ['SHA-256', text(object['sha256'])],
  ];
  return rows
    .flatMap(([label, value]) => (value === undefined ? [] : beside(label, printable(value), 3, 15)))
    .join('\n');
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function list(value: unknown, none: string): string | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.length === 0 ? none : value.map(String).join(' ');
}

function validity({ notBefore, notAfter }: Described, now: number): string | undefined {
  const [from, until] = [text(notBefore), text(notAfter)];
  if (from === undefined || until === undefined) return undefined;
  const [fromMs, untilMs] = [parseRfc3339(from) ?? 0, parseRfc3339(until) ?? 0];
  // notAfter is inclusive of its final second (RFC 5280, 4.1.2.5).
  const left = untilMs + 1000 - now;
  const state =
    now < fromMs
      ? `begins in ${formatDuration(fromMs - now)}`
      : left > 0
        ? `${formatDuration(left)} left`
        : `expired ${formatDuration(-left)} ago`;
  return `${from} to ${until} (${state})`;
}

function keyType({ kind, type, usable }: Described): string | undefined {
  if (kind !== 'private-key') return undefined;
  return usable === true ? String(type) : `${String(type)}: not used here (P-256, P-384 and Ed25519 are)`;
}

function key(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('type' in value) || !('sha256' in value)) return undefined;
  return `${String(value.type)}, its SHA-256 ${String(value.sha256)}`;
}

function authority({ authority: ca, pathLength }: Described): string | undefined {
  if (ca === undefined) return undefined;
  if (ca !== true) return 'no';
  return typeof pathLength === 'number' ? `yes, with at most ${pathLength} below it` : 'yes';
}

function usage({ kind, keyUsage, extendedKeyUsage }: Described): string | undefined {
  if (kind !== 'certificate') return undefined;
  return [list(keyUsage, 'none') ?? 'any key usage', list(extendedKeyUsage, 'none') ?? 'any purpose'].join('; ');
}

function signed({ signatureAlgorithm, signedByItsKey }: Described): string | undefined {
  if (typeof signatureAlgorithm !== 'string') return undefined;
  const own = signedByItsKey === undefined ? '' : signedByItsKey === true ? ', by its own key' : ', NOT by its own key';
  return `${signatureAlgorithm}${own}`;
}

function extensions(value: unknown): string | undefined {
  if (!Array.isArray(value)) return undefined;
  const shown = (value as { oid: string; name?: string; critical: boolean }[]).map(
    ({ oid, name, critical }) => `${name ?? oid}${critical ? ' (critical)' : ''}`,
  );
  return shown.length === 0 ? 'none' : shown.join(', ');
}
