/** JSON as two readers must read it alike: an object in UTF-8 whose objects name no member twice (RFC 8259, 4 leaves that open; RFC 7515, 4 does not). */

export type JsonObject = Readonly<Record<string, unknown>>;

/** Levels of objects and lists; what tokens and key sets hold has three or four. Own choice. */
const deepest = 16;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The object, or `undefined` where it is none, malformed, nested beyond reason, or names a member twice. */
export function parseStrictObject(bytes: Uint8Array): JsonObject | undefined {
  let text: string;
  let value: unknown;
  try {
    text = utf8.decode(bytes);
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isJsonObject(value) && namesAreUnique(text) ? value : undefined;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @param text valid JSON: JSON.parse has taken it, and kept the last of two members of one name */
function namesAreUnique(text: string): boolean {
  const open: (Set<string> | undefined)[] = [];
  let mayBeName = false;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case 0x7b: // {
      case 0x5b: // [
        if (open.length === deepest) return false;
        mayBeName = text.charCodeAt(at) === 0x7b;
        open.push(mayBeName ? new Set() : undefined);
        break;
      case 0x7d: // }
      case 0x5d: // ]
        open.pop();
        mayBeName = false;
        break;
      case 0x2c: // ,
        mayBeName = open.at(-1) !== undefined;
        break;
      case 0x22: {
        const end = endOfString(text, at);
        const names = open.at(-1);
        if (mayBeName && names !== undefined) {
          const name = nameIn(text.slice(at, end));
          // Such a member is no own one for who copies the object.
          if (names.has(name) || name === '__proto__') return false;
          names.add(name);
        }
        mayBeName = false;
        at = end - 1;
      }
    }
  }
  return true;
}

/** Behind its closing quotation mark: the first with an even number of backslashes before it. */
function endOfString(text: string, start: number): number {
  let end = start;
  let backslashes: number;
  do {
    end = text.indexOf('"', end + 1);
    backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === 0x5c) backslashes += 1;
  } while (backslashes % 2 === 1);
  return end + 1;
}

/** Two spellings of one name are one name. */
function nameIn(literal: string): string {
  return literal.includes('\\') ? String(JSON.parse(literal)) : literal.slice(1, -1);
}
