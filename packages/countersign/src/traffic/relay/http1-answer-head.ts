/** The header of an answer in HTTP/1.1, read so that no two readers could disagree about where it ends: what is doubtful is refused. */
import { headersThatGoOn, type HeaderList, type HeaderPair, isOfOneConnection } from './program-headers.ts';
import { ProgramFailure } from './program-failure.ts';

export interface AnswerHead {
  readonly status: number;
  readonly reason: string;
  /** Those that go on. */
  readonly headers: HeaderList;
  /** Octets of the body, or how its end is found (RFC 9112, 6.3). */
  readonly framing: number | 'chunked' | 'until-close';
  /** Whether another request may follow on the connection. */
  readonly kept: boolean;
  /** How long the program keeps it, where it says so. */
  readonly keepMs: number | undefined;
  /** Of the header itself, with the empty line at its end. */
  readonly octets: number;
}

const inToken = 1;
const inValue = 2;

/** By octet. */
const places = new Uint8Array(256);
for (let octet = 0; octet < 256; octet += 1) {
  const one = String.fromCharCode(octet);
  if (/[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(one)) places[octet] = inToken | inValue;
  else if (/[\t\x20-\x7e\x80-\xff]/.test(one)) places[octet] = inValue;
}

const digits = /^\d{1,15}$/;

/** Octets that are made a string at once; own choice: more than most headers have. */
const mostAtOnce = 1024;

/**
 * Octet by octet, once: to look for the ends of lines, and to ask patterns about what is between them, costs more.
 * @param octets from the first of the header on
 * @param method of the request: an answer to HEAD has no body whatever it says
 * @returns `undefined` where its end is not among them
 * @throws ProgramFailure of the kind `not-http`
 */
export function parseAnswerHead(octets: Buffer, method: string): AnswerHead | undefined {
  const { length } = octets;
  let text = octets.toString('latin1', 0, Math.min(length, mostAtOnce));
  if (!text.startsWith(begins.slice(0, length))) notHttp('it does not speak HTTP/1.1');
  const first = endOfValue(octets, reasonFrom - 1);
  if (first + 1 >= length) return undefined;
  if (first > text.length) text = octets.toString('latin1', 0, first);
  const status = statusOf(text, first);
  if (!isLineEnd(octets, first)) notHttp('its first line is no status line');
  const reason = text.slice(reasonFrom, first);
  const headers: HeaderPair[] = [];
  const said: Said = { length: undefined, coding: undefined, connection: '', keepAlive: '' };
  let from = first + 2;
  for (;;) {
    const colon = endOfToken(octets, from);
    if (colon + 1 >= length) return undefined;
    if (colon === from && isLineEnd(octets, from)) break;
    // No name before a colon: folded lines, too, which RFC 9112, 5.2 lets a proxy refuse.
    if (colon === from || octets[colon] !== 0x3a) notHttp('a line of its header has no name');
    const to = endOfValue(octets, colon + 1);
    if (to + 1 >= length) return undefined;
    if (!isLineEnd(octets, to)) notHttp('its header has control characters');
    if (to > text.length) text = octets.toString('latin1', 0, Math.min(length, 2 * to));
    const name = text.slice(from, colon);
    const value = valueIn(text, colon + 1, to);
    if (isOfOneConnection(name)) noteOwn(said, name.toLowerCase(), value);
    else {
      if (name.length === 14) noteLength(said, name, value);
      headers.push([name, value]);
    }
    from = to + 2;
  }
  const framing = framingOf(said, status, method);
  const kept = framing !== 'until-close' && octets[minorAt] === 0x31 && !closes(said.connection);
  const keepMs = keepMsOf(said.keepAlive);
  return { status, reason, headers: headersOf(status, headers, said), framing, kept, keepMs, octets: from + 2 };
}

/** The first from `from` on that no token has. */
function endOfToken(octets: Buffer, from: number): number {
  let at = from;
  while (at < octets.length && ((places[octets[at] ?? 0] ?? 0) & inToken) !== 0) at += 1;
  return at;
}

function endOfValue(octets: Buffer, from: number): number {
  let at = from;
  while (at < octets.length && ((places[octets[at] ?? 0] ?? 0) & inValue) !== 0) at += 1;
  return at;
}

function isLineEnd(octets: Buffer, at: number): boolean {
  return octets[at] === 0x0d && octets[at + 1] === 0x0a;
}

/** A 204 says no length (RFC 9110, 8.6); over HTTP/2 one that does is no answer to the caller. */
function headersOf(status: number, headers: HeaderPair[], { connection }: Said): HeaderList {
  const on = headersThatGoOn(headers, connection);
  return status === 204 ? on.filter(([name]) => name.toLowerCase() !== 'content-length') : on;
}

const begins = 'HTTP/1.';

/** Where they are in `HTTP/1.1 200 OK`. */
const minorAt = 7;
const codeAt = 9;
const reasonFrom = 13;

/** RFC 9112, 4. @param end of the first line */
function statusOf(text: string, end: number): number {
  const minor = text.charCodeAt(minorAt);
  const afterCode = end === reasonFrom - 1 || (end >= reasonFrom && text.charCodeAt(reasonFrom - 1) === 0x20);
  if ((minor !== 0x30 && minor !== 0x31) || text.charCodeAt(8) !== 0x20 || !afterCode)
    notHttp('its first line is no status line');
  let status = 0;
  for (let at = codeAt; at < codeAt + 3; at += 1) {
    const digit = text.charCodeAt(at) - 0x30;
    if (!(digit >= 0 && digit <= 9)) notHttp('its first line is no status line');
    status = status * 10 + digit;
  }
  return status >= 100 ? status : notHttp('its first line is no status line');
}

/** Nearly always it says nothing, or this. */
function closes(connection: string): boolean {
  return connection !== '' && connection !== 'keep-alive' && /\bclose\b/i.test(connection);
}

interface Said {
  length: string | undefined;
  coding: string | undefined;
  connection: string;
  keepAlive: string;
}

function noteOwn(said: Said, lower: string, value: string): void {
  if (lower === 'keep-alive') said.keepAlive = value;
  else if (lower === 'connection') said.connection = said.connection === '' ? value : `${said.connection},${value}`;
  else if (lower === 'transfer-encoding') {
    if (said.coding !== undefined || value.toLowerCase() !== 'chunked') notHttp('its Transfer-Encoding is not chunked');
    said.coding = value;
  }
}

function noteLength(said: Said, name: string, value: string): void {
  if (name.toLowerCase() !== 'content-length') return;
  // Also where both say the same: who counts on the first reads it differently from who reads a list.
  if (said.length !== undefined || !digits.test(value)) notHttp('its Content-Length is no single number');
  said.length = value;
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

function notHttp(reason: string): never {
  throw new ProgramFailure('not-http', reason);
}
