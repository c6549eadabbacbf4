/** What somebody who meant a server should have typed, where no file has that name. */
import { isRefusal, printable } from '../../ground/errors/index.ts';
import type { Output } from '../output/output.ts';

/** Of what was typed, the way in which it is not HOST:PORT. */
const forms: readonly (readonly [RegExp, (typed: string, match: RegExpExecArray) => string])[] = [
  [/^[a-z]+:\/\/([^/:]+|\[[^\]]+\])(?::(\d+))?(?:[/?#].*)?$/i, (_, [, host = '', port = '443']) => `${host}:${port}`],
  [/^([0-9a-f:]*:[0-9a-f:]*:[0-9a-f.]*):(\d{2,5})$/i, (_, [, host = '', port = '']) => `[${host}]:${port}`],
  [/^(localhost|\d+\.\d+\.\d+\.\d+|[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,})$/i, (typed) => `${typed}:443`],
];

/** Certificates' own endings are no top-level domains. */
const fileEnding = /\.(pem|cer|crt|der|key|csr|req|crl|p12|pfx|p7b|p7c|p7s|jks|txt|zip|pub|ocsp|ors|bin)$/i;

/** Says so on stderr, and only where a file was looked for and is not there. */
export function hintAtAddress(typed: string, error: unknown, output: Output): void {
  if (!isRefusal(error) || error.code !== 'CS-FILE-001') return;
  const address = addressMeant(typed);
  if (address !== undefined) output.hint(` if a server is meant, type: ${printable(address)}`);
}

export function addressMeant(typed: string): string | undefined {
  if (fileEnding.test(typed)) return undefined;
  for (const [form, meant] of forms) {
    const match = form.exec(typed);
    if (match !== null) return meant(typed, match);
  }
  return undefined;
}
