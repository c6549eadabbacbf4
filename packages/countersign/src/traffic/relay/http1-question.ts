/** The header of a request as HTTP/1.1 says it: whatever would be read as more than one line, or one name, is not said at all. */
import type { HeaderList } from './program-headers.ts';
import type { HeaderLines, Question } from './program.ts';

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Neither controls but the tab nor what has no octet (RFC 9110, 5.5). */
const unsayable = /[^\t\x20-\x7e\x80-\xff]/;

/** A space would end it (RFC 9112, 3.2). */
const unsayableTarget = /[^\x21-\x7e\x80-\xff]/;

const digits = /^\d{1,15}$/;

/** How the body is told from what follows it (RFC 9112, 6). */
export type Framing = 'none' | 'chunked' | number;

export interface QuestionHead {
  /** To be written as latin1. */
  readonly text: string;
  readonly framing: Framing;
}

/** @throws TypeError where it cannot be said */
export function questionHead({ method, target, headers, hasBody, written }: Question): QuestionHead {
  if (!token.test(method) || target === '' || unsayableTarget.test(target)) throw unsaid('the request line');
  const { lines, length } = written?.said ?? write(headers);
  // In one piece: put together from its parts it would be copied part by part each time.
  if (written !== undefined) written.said ??= { lines: Buffer.from(lines, 'latin1').toString('latin1'), length };
  const text = `${method} ${target} HTTP/1.1\r\n${lines}`;
  if (!hasBody) {
    if (length !== undefined && Number(length) !== 0) throw unsaid('the length of the body');
    return { text: `${text}\r\n`, framing: 'none' };
  }
  if (length !== undefined) return { text: `${text}\r\n`, framing: Number(length) };
  return { text: `${text}transfer-encoding: chunked\r\n\r\n`, framing: 'chunked' };
}

function write(headers: HeaderList): HeaderLines {
  let lines = '';
  let length: string | undefined;
  // Looked at together, since each look of its own costs more than what it looks at.
  let names = '';
  let values = '';
  for (const pair of headers) {
    const name = pair[0];
    const value = pair[1];
    if (name === '') throw unsaid('a header');
    names += name;
    values += value;
    if (name.length === 14 && name.toLowerCase() === 'content-length') {
      if (length !== undefined || !digits.test(value)) throw unsaid('the length of the body');
      length = value;
    }
    lines += `${name}: ${value}\r\n`;
  }
  if ((names !== '' && !token.test(names)) || unsayable.test(values)) throw unsaid('a header');
  return { lines, length };
}

function unsaid(what: string): TypeError {
  return new TypeError(`${what} has no form in HTTP/1.1`);
}
