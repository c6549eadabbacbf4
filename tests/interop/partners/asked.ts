/** What partners ask and what each of their programs makes of it: one line in and one line out for each request, fields between tabs. */
import assert from 'node:assert/strict';
import { run } from '../peers.ts';
import type { Bank, Caller } from './bank.ts';

export type Version = '1.1' | '2';

export interface Ask {
  readonly version: Version;
  readonly scheme?: 'https' | 'wss';
  readonly path: string;
  readonly as: Caller | undefined;
  /** In the request, in the place of the handshake's. */
  readonly otherHost?: string | undefined;
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

/** What a partner may meet, and what the gateway makes of it. */
export interface Meeting {
  readonly name: string;
  readonly as?: Caller;
  readonly otherHost?: string;
  /** Of the answer, or, where there is none, of what the gateway tells its operator. */
  readonly status: number;
  readonly code?: string;
}

export const meetings: readonly Meeting[] = [
  { name: 'let in', as: 'acme', status: 200 },
  { name: 'no certificate', status: 0, code: 'CS-PEER-001' },
  { name: 'expired', as: 'expired', status: 0, code: 'CS-PEER-003' },
  { name: 'another authority', as: 'stranger', status: 0, code: 'CS-PEER-002' },
  { name: "another partner's route", as: 'beta', status: 403, code: 'CS-GATEWAY-015' },
  { name: 'suspended', as: 'gamma', status: 403, code: 'CS-GATEWAY-016' },
  { name: 'another host', as: 'acme', otherHost: 'www.test', status: 421, code: 'CS-TLS-012' },
];

export function asksOf(version: Version): readonly Ask[] {
  return meetings.map(({ as, otherHost }) => ({ version, path, as, otherHost }));
}

/** Asks by a program that reads the requests from its stdin, each with the files of its caller. */
export async function askBy(
  program: string,
  args: readonly string[],
  port: number,
  asks: readonly Ask[],
  filesOf: (caller: Caller | undefined) => readonly string[],
  more: Readonly<Record<string, string>> = {},
): Promise<readonly Told[]> {
  const lines = asks.map(({ version, as, scheme = 'https', otherHost = host, path: asked }) =>
    [version, `${scheme}://${host}:${port}${asked}`, otherHost, ...filesOf(as)].join('\t'),
  );
  const { status, out, err } = await run(program, args, lines.map((line) => `${line}\n`).join(''), more);
  assert.equal(status, 0, err);
  const told = out.trimEnd().split('\n').map(toldIn);
  assert.equal(told.length, asks.length, out + err);
  return told;
}

function toldIn(line: string): Told {
  const [status, version = '', text = ''] = line.split('\t');
  return { status: Number(status), version, text };
}

/** curl has a process for each. */
export async function askByCurl(
  { port, roots }: Pick<Bank, 'port' | 'roots'>,
  asks: readonly Ask[],
  filesOf: (caller: Caller) => readonly string[],
): Promise<readonly Told[]> {
  const told: Told[] = [];
  for (const { version, as, otherHost, path: asked } of asks) {
    const { status, out, err } = await run('curl', [
      ...['-q', '-sS', '--noproxy', '*', '--max-time', '15', `--http${version}`, '--cacert', roots],
      ...(as === undefined ? [] : filesOf(as)),
      ...(otherHost === undefined ? [] : ['-H', `Host: ${otherHost}`]),
      ...['--resolve', `${host}:${port}:127.0.0.1`, '-w', '\t%{http_code}\t%{http_version}'],
      `https://${host}:${port}${asked}`,
    ]);
    const [body = '', code, spoken = ''] = out.split('\t');
    told.push({ status: Number(code), version: spoken, text: status === 0 ? body : err.trim() });
  }
  return told;
}
