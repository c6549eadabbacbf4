/** The trace that a request belongs to (W3C Trace Context, 3): passed on as it came where it is one, taken off where it is none, so that a new one begins. */
import { parseTraceParent } from '../../../runtime/telemetry/index.ts';
import type { HeaderList } from '../../relay/index.ts';
import type { MakeHeaders } from '../identity/sent-identity.ts';

/** @returns 32 characters of lower-case hexadecimal; `undefined` where it says none, or several */
export function traceIdIn(rawHeaders: readonly string[]): string | undefined {
  let found: string | undefined;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    if (!isParent(rawHeaders[at] ?? '')) continue;
    if (found !== undefined) return undefined;
    found = rawHeaders[at + 1] ?? '';
  }
  return found === undefined ? undefined : parseTraceParent(found)?.traceId;
}

/** @param makeHeaders what makes the rest */
export function withSoundTraces(makeHeaders: MakeHeaders): MakeHeaders {
  return (question) => soundTraces(makeHeaders(question));
}

/** A request without a trace, as most are, is asked for the lengths of its names alone. */
function soundTraces(headers: HeaderList): HeaderList {
  let [parents, states] = [0, 0];
  let parent = '';
  let state = '';
  for (const [name, value] of headers)
    if (isParent(name)) [parents, parent] = [parents + 1, value];
    // Several lines are one list (3.3.1).
    else if (isState(name)) [states, state] = [states + 1, states === 0 ? value : `${state},${value}`];
  if (parents === 0 && states === 0) return headers;
  const isTrace = parents === 1 && parseTraceParent(parent) !== undefined;
  // A state says nothing without its trace, and one that can't be read is left out alone (4.3).
  const isWhole = isTrace && (states === 0 || isTraceState(state));
  if (isWhole) return headers;
  return headers.filter(([name]) => !isState(name) && (isTrace || !isParent(name)));
}

function isParent(name: string): boolean {
  return name.length === 11 && name.toLowerCase() === 'traceparent';
}

function isState(name: string): boolean {
  return name.length === 10 && name.toLowerCase() === 'tracestate';
}

/** 3.3.1.1. */
const mostMembers = 32;

/** `key=value`: a vendor's, or `tenant@system` (3.3.1.3). */
const member = /^[a-z0-9][a-z0-9_\-*/@]{0,255}=[ !-+\--<>-~]{0,255}[!-+\--<>-~]$/;

function isTraceState(text: string): boolean {
  const members = text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
  if (members.length > mostMembers || !members.every((one) => member.test(one))) return false;
  return new Set(members.map((one) => one.slice(0, one.indexOf('=')))).size === members.length;
}
