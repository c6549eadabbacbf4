/**
 * The bytes of an entry that are hashed: one JSON object in UTF-8 as RFC 8785 writes it (members sorted, no space), with a personal field's hash
 * in the place of its value, so that it can be made again with any language's JSON library.
 */
import { sha256HexOfText } from '../cryptography/index.ts';
import type { AuditEntry } from './audit-entry.ts';
import type { AuditFacts } from './audit-event.ts';

/** Plain letters and digits: their order is the same by octets, by UTF-16 (RFC 8785, 3.2.3) and by code points. */
const nameForm = /^[A-Za-z][A-Za-z0-9]{0,63}$/;

const version = 1;

/** What the hash is made of: all of the entry but the hash itself, and of personal fields their hashes alone. */
export function encodeEntry(entry: Omit<AuditEntry, 'hash'>): string {
  return encodeParts(entry, encodeFacts(entry.facts), encodeHashes(entry.personal));
}

export function entryHash(entry: Omit<AuditEntry, 'hash'>): string {
  return sha256HexOfText(encodeEntry(entry));
}

function encodeParts(
  { action, atMs, previous, sequence }: Pick<AuditEntry, 'action' | 'atMs' | 'previous' | 'sequence'>,
  facts: string,
  personal: string,
): string {
  return `{"action":${JSON.stringify(action)},"at":${String(atMs)},"facts":${facts},"personal":${personal},"previous":"${previous}","sequence":${String(sequence)},"version":${String(version)}}`;
}

export function encodeFacts(facts: AuditFacts): string {
  let text = '';
  for (const name of Object.keys(facts).sort()) {
    if (!nameForm.test(name)) throw new TypeError(`${name} is no name of a fact`);
    text += `${text === '' ? '' : ','}"${name}":${encodeFact(facts[name])}`;
  }
  return `{${text}}`;
}

function encodeFact(value: AuditFacts[string] | undefined): string {
  if (typeof value === 'string') return encodeText(value);
  if (typeof value === 'boolean') return String(value);
  // Whole numbers alone: how others are written differs from one language to the next (RFC 8785, 3.2.2.3).
  if (Number.isSafeInteger(value)) return String(value);
  if (Array.isArray(value)) return `[${value.map(encodeText).join(',')}]`;
  throw new TypeError('a fact is text, a whole number, a yes or no, or a list of texts');
}

/** A lone surrogate has no UTF-8 (RFC 8785, 3.2.2.2); whoever sent it must not be able to have nothing written of him. */
function encodeText(text: string): string {
  return JSON.stringify(text.toWellFormed());
}

function encodeHashes(personal: AuditEntry['personal']): string {
  let text = '';
  for (const name of Object.keys(personal).sort()) {
    if (!nameForm.test(name)) throw new TypeError(`${name} is no name of a personal field`);
    text += `${text === '' ? '' : ','}"${name}":"${personal[name]?.hash ?? ''}"`;
  }
  return `{${text}}`;
}
