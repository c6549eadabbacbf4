/** The header of an answer in HTTP/1.1, read so that no two readers could disagree about where it ends: what is doubtful is refused. */
import { ProgramFailure } from './program-failure.ts';

export interface AnswerHead {
  readonly status: number;
  readonly reason: string;
  /** name, value, name, value, as node:http has them. */
  readonly rawHeaders: readonly string[];
  /** Octets of the body, or how its end is found (RFC 9112, 6.3). */
  readonly framing: number | 'chunked' | 'until-close';
  /** Whether another request may follow on the connection. */
  readonly kept: boolean;
  /** How long the program keeps it, where it says so. */
  readonly keepMs: number | undefined;
}

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const notInValues = /[^\t\x20-\x7e\x80-\xff]/;
const digits = /^\d{1,15}$/;

/**
 * @param text of all the header, without the empty line at its end
 * @param method of the request: an answer to HEAD has no body whatever it says
 */
export function parseAnswerHead(text: string, method: string): AnswerHead {
  const first = lineEnd(text, 0);
  const status = statusOf(text, first);
  const reason = text.slice(reasonFrom, first);
  if (notInValues.test(reason)) notHttp('its first line is no status line');
  const rawHeaders: string[] = [];
  // Looked at together, since each look of its own costs more than what it looks at.
  let names = '';
  let values = '';
  const said: Said = { length: undefined, coding: undefined, connection: '', keepAlive: '' };
  for (let from = first + 2; from < text.length;) {
    const to = lineEnd(text, from);
    const colon = text.indexOf(':', from);
    const name = text.slice(from, colon);
    // No name before a colon: folded lines, too, which RFC 9112, 5.2 lets a proxy refuse.
    if (colon <= from || colon > to) notHttp('a line of its header has no name');
    const value = valueIn(text, colon + 1, to);
    names += name;
    values += value;
    note(said, name, value);
    rawHeaders.push(name, value);
    from = to + 2;
  }
  if (names !== '' && !token.test(names)) notHttp('a line of its header has no name');
  if (notInValues.test(values)) notHttp('its header has control characters');
  const framing = framingOf(said, status, method);
  const kept = framing !== 'until-close' && text.charCodeAt(minorAt) === 0x31 && !closes(said.connection);
  return { status, reason, rawHeaders, framing, kept, keepMs: keepMsOf(said.keepAlive) };
}

/** Where they are in `HTTP/1.1 200 OK`. */
const minorAt = 7;
const codeAt = 9;
const reasonFrom = 13;

/** RFC 9112, 4. @param end of the first line */
function statusOf(text: string, end: number): number {
  const minor = text.charCodeAt(minorAt);
  const afterCode = end === reasonFrom - 1 || (end >= reasonFrom && text.charCodeAt(reasonFrom - 1) === 0x20);
  if (!text.startsWith('HTTP/1.') || (minor !== 0x30 && minor !== 0x31) || text.charCodeAt(8) !== 0x20 || !afterCode)
    notHttp('its first line is no status line');
  let status = 0;
  for (let at = codeAt; at < codeAt + 3; at += 1) {
    const digit = text.charCodeAt(at) - 0x30;
    if (!(digit >= 0 && digit <= 9)) notHttp('its first line is no status line');
    status = status * 10 + digit;
  }
  return status >= 100 ? status : notHttp('its first line is no status line');
}

/** Nearly always it says nothing, or this. @param connection as `note` puts it together */
function closes(connection: string): boolean {
  return connection !== '' && connection !== ',keep-alive' && /\bclose\b/i.test(connection);
}

interface Said {
  length: string | undefined;
  coding: string | undefined;
  connection: string;
  keepAlive: string;
}

/** Names of other lengths are never looked at. */
function note(said: Said, name: string, value: string): void {
  switch (name.length) {
    case 10: {
      const lower = name.toLowerCase();
      if (lower === 'connection') said.connection += `,${value}`;
      else if (lower === 'keep-alive') said.keepAlive = value;
      return;
    }
    case 14:
      if (name.toLowerCase() !== 'content-length') return;
      // Also where both say the same: who counts on the first reads it differently from who reads a list.
      if (said.length !== undefined || !digits.test(value)) notHttp('its Content-Length is no single number');
      said.length = value;
      return;
    case 17:
      if (name.toLowerCase() !== 'transfer-encoding') return;
      if (said.coding !== undefined || value.toLowerCase() !== 'chunked')
        notHttp('its Transfer-Encoding is not chunked');
      said.coding = value;
      return;
    default:
  }
}

/** RFC 9112, 6.3; one that has both is refused, as a way to smuggle answers. */
function framingOf({ length, coding }: Said, status: number, method: string): AnswerHead['framing'] {
  if (coding !== undefined && length !== undefined) notHttp('it has both Content-Length and Transfer-Encoding');
  if (method === 'HEAD' || status < 200 || status === 204 || status === 304) return 0;
  if (coding !== undefined) return 'chunked';
  return length === undefined ? 'until-close' : Number(length);
}

/** A second less than it says, since the request has a way to go. */
function keepMsOf(keepAlive: string): number | undefined {
  if (keepAlive === '') return undefined;
  if (keepAlive !== lastKept.said) {
    lastKept.ms = readKeepMs(keepAlive);
    lastKept.said = keepAlive;
  }
  return lastKept.ms;
}

/** A program says the same each time. */
const lastKept: { said: string; ms: number | undefined } = { said: '', ms: undefined };

function readKeepMs(keepAlive: string): number | undefined {
  const [, seconds] = /\btimeout\s*=\s*(\d{1,6})/i.exec(keepAlive) ?? [];
  return seconds === undefined ? undefined : Math.max(0, Number(seconds) * 1000 - 1000);
}

/** OWS alone (RFC 9110, 5.6.3): `trim` would hide a bare CR or LF, too. */
function valueIn(text: string, begin: number, end: number): string {
  let from = begin;
  let to = end;
  while (from < to && isSpace(text.charCodeAt(from))) from += 1;
  while (to > from && isSpace(text.charCodeAt(to - 1))) to -= 1;
  return text.slice(from, to);
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

function lineEnd(text: string, from: number): number {
  const at = text.indexOf('\r\n', from);
  return at < 0 ? text.length : at;
}

function notHttp(reason: string): never {
  throw new ProgramFailure('not-http', reason);
}
