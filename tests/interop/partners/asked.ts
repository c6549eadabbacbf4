/** What partners ask and what each of their programs makes of it: one line in and one line out for each request, fields between tabs. */
import assert from 'node:assert/strict';
import { run } from '../peers.ts';
import type { Bank, Caller } from './bank.ts';

export type Version = '1.1' | '2';

export interface Ask {
  readonly name: string;
  readonly as?: Caller;
  readonly version: Version;
  readonly path: string;
  /** In the request, in the place of the handshake's. */
  readonly otherHost?: string;
}

export interface Told {
  /** 0 where there was no answer. */
  readonly status: number;
  readonly version: string;
  /** The answer's body, or the program's own words for why there is none. */
  readonly text: string;
}

/** Of the one host for partners. */
export const host = 'api.test';
const path = '/payments/1';

const kinds: readonly Omit<Ask, 'version'>[] = [
  { name: 'let in', as: 'acme', path },
  { name: 'no certificate', path },
  { name: 'expired', as: 'expired', path },
  { name: 'another authority', as: 'stranger', path },
  { name: "another partner's route", as: 'beta', path },
  { name: 'suspended', as: 'gamma', path },
  { name: 'another host', as: 'acme', path, otherHost: 'www.test' },
];

export function asksOf(version: Version): readonly Ask[] {
  return kinds.map((kind) => ({ ...kind, version }));
}

/** Asks by a program that reads the requests from its stdin; its arguments end with the port and the trust anchors. */
export async function askBy(
  program: string,
  args: readonly string[],
  { port, roots, certificate, key }: Pick<Bank, 'port' | 'roots' | 'certificate' | 'key'>,
  asks: readonly Ask[],
  more: Readonly<Record<string, string>> = {},
): Promise<ReadonlyMap<Ask, Told>> {
  const lines = asks.map(({ version, as, path: asked, otherHost = host }) => {
    const own = as === undefined ? ['', ''] : [certificate(as), key(as)];
    return [version, `https://${host}:${port}${asked}`, otherHost, ...own].join('\t');
  });
  const { status, out, err } = await run(program, [...args, roots], lines.map((line) => `${line}\n`).join(''), more);
  assert.equal(status, 0, err);
  const told = out.trimEnd().split('\n');
  assert.equal(told.length, asks.length, out + err);
  return new Map(asks.map((ask, at) => [ask, toldIn(told[at] ?? '')]));
}

function toldIn(line: string): Told {
  const [status, version = '', text = ''] = line.split('\t');
  return { status: Number(status), version, text };
}

/** curl has a process for each. */
export async function askByCurl(
  { port, roots, certificate, key }: Pick<Bank, 'port' | 'roots' | 'certificate' | 'key'>,
  asks: readonly Ask[],
): Promise<ReadonlyMap<Ask, Told>> {
  const told = new Map<Ask, Told>();
  for (const ask of asks) {
    const { version, as, otherHost } = ask;
    const { status, out, err } = await run('curl', [
      ...['-q', '-sS', '--noproxy', '*', '--max-time', '15', `--http${version}`, '--cacert', roots],
      ...(as === undefined ? [] : ['--cert', certificate(as), '--key', key(as)]),
      ...(otherHost === undefined ? [] : ['-H', `Host: ${otherHost}`]),
      ...['--resolve', `${host}:${port}:127.0.0.1`, '-w', '\t%{http_code}\t%{http_version}'],
      `https://${host}:${port}${ask.path}`,
    ]);
    const [body = '', code, spoken = ''] = out.split('\t');
    told.set(ask, { status: Number(code), version: spoken, text: status === 0 ? body : err.trim() });
  }
  return told;
}
