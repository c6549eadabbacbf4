/** A partner that calls with curl: its certificate, its tokens, and what the gateway says to it. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock as clock } from 'countersign/clock';
import type { Programs, Running } from './programs.ts';

const soonMs = 20_000;

/** Where the bank is. */
export interface Bank {
  readonly gateway: number;
  readonly check: number;
  readonly tokens: number;
}

export interface Answer {
  /** Of HTTP; where there was no answer, why not. */
  readonly came: string;
  readonly code: string | undefined;
  readonly body: string;
}

export class Caller {
  readonly #programs: Programs;
  readonly #bank: Bank;
  readonly #name: string;
  readonly #clientId: string;
  readonly #own: readonly string[];

  /** @param certificate with `key`, files of the scenario's folder; without them it shows none */
  constructor(
    programs: Programs,
    bank: Bank,
    { name, clientId = '', certificate, key }: { name: string; clientId?: string; certificate?: string; key?: string },
  ) {
    this.#programs = programs;
    this.#bank = bank;
    this.#name = name;
    this.#clientId = clientId;
    this.#own = certificate === undefined || key === undefined ? [] : ['--cert', certificate, '--key', key];
  }

  /** A new one of the bank's token endpoint, in a file, as a header: no secret is to stand among the arguments of a program. */
  async token(): Promise<string> {
    const form = `grant_type=client_credentials&client_id=${encodeURIComponent(this.#clientId)}`;
    const at = `https://tokens.bank.test:${this.#bank.tokens}/token`;
    const answer = await this.#curl(['--data', form, at]);
    const { access_token: token } = (answer.came === '200' ? JSON.parse(answer.body) : {}) as { access_token?: string };
    if (token === undefined) throw new Error(`${this.#name} got no token: ${answer.came} ${answer.body}`);
    return this.keep(`${this.#name}-${token.slice(-8)}`, token);
  }

  /** Whoever stole a token has it in a file, too. */
  async keep(name: string, token: string): Promise<string> {
    const file = `${name}.header`;
    await writeFile(join(this.#programs.folder, file), `Authorization: Bearer ${token}\n`, { mode: 0o600 });
    return file;
  }

  call(path: string, token?: string, headers: readonly string[] = []): Promise<Answer> {
    return this.#curl([...headersOf(token, headers), `https://api.bank.test:${this.#bank.gateway}${path}`]);
  }

  /** Again and again until it is let in, where that is to come by itself and soon; otherwise the last answer. */
  async callUntilAllowed(path: string, token: string): Promise<Answer> {
    const end = clock.monotonic() + soonMs;
    let answer = await this.call(path, token);
    while (answer.came !== '200' && clock.monotonic() < end) answer = await this.call(path, token);
    return answer;
  }

  /** An answer that goes on. */
  stream(path: string, token: string): Running {
    const at = `https://api.bank.test:${this.#bank.gateway}${path}`;
    return this.#programs.start('curl', [...this.#common(), '--no-buffer', ...headersOf(token, []), at]);
  }

  /** Why would I be refused? */
  check(): Promise<Answer> {
    return this.#curl([`https://api.bank.test:${this.#bank.check}/.well-known/countersign/check`]);
  }

  async #curl(args: readonly string[]): Promise<Answer> {
    const { status, out, err } = await this.#programs.run('curl', [...this.#common(), '-w', '\n%{http_code}', ...args]);
    const at = out.lastIndexOf('\n');
    const [body, http] = [out.slice(0, at), out.slice(at + 1)];
    const came = status === 0 ? http : `curl ${status}: ${err.trim().replace(/^curl: \(\d+\) /, '')}`;
    return { came, code: /CS-[A-Z]+-\d+/.exec(body)?.[0], body };
  }

  #common(): readonly string[] {
    const { gateway, check, tokens } = this.#bank;
    const to = (host: string, port: number): readonly string[] => ['--resolve', `${host}:${port}:127.0.0.1`];
    return [
      ...['-q', '-sS', '--max-time', '60', '--cacert', 'gateway/roots.pem', ...this.#own],
      ...to('api.bank.test', gateway),
      ...to('api.bank.test', check),
      ...to('tokens.bank.test', tokens),
    ];
  }
}

function headersOf(token: string | undefined, headers: readonly string[]): readonly string[] {
  const all = [...(token === undefined ? [] : [`@${token}`]), ...headers];
  return all.flatMap((header) => ['-H', header]);
}
