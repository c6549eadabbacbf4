/** Personal values beside the chain: hashed under a salt of their own, so that an erased one cannot be guessed and tried. */
import { concatBytes, fromHex, toHex } from '../../ground/encoding/index.ts';
import { sha256Hex } from '../cryptography/index.ts';
import type { AuditEntry, PersonalField } from './audit-entry.ts';
import type { PersonalSelector } from './audit-journal.ts';

/** 128 bits: as many as nobody tries, for a value that may be one of a few. */
export const saltBytes = 16;

const utf8 = new TextEncoder();

export function seal(value: string, salt: Uint8Array): PersonalField {
  const written = value.toWellFormed();
  return { hash: personalHash(salt, written), salt: toHex(salt), value: written };
}

/** Lower-case hexadecimal SHA-256 of the salt and the value in UTF-8. */
export function personalHash(salt: Uint8Array, value: string): string {
  return sha256Hex(concatBytes([salt, utf8.encode(value)]));
}

/** Of the fields with these names, what stays is the hash. */
export function withoutValues(personal: AuditEntry['personal'], names: readonly string[]): AuditEntry['personal'] {
  const kept: Record<string, PersonalField> = {};
  for (const [name, field] of Object.entries(personal))
    kept[name] = names.includes(name) ? { hash: field.hash } : field;
  return kept;
}

export function isErased({ salt, value }: PersonalField): boolean {
  return salt === undefined && value === undefined;
}

/** Whether the value is the one that was hashed; nothing can be said of an erased one. */
export function fitsItsHash(field: PersonalField): boolean {
  if (isErased(field)) return true;
  const salt = fromHex(field.salt ?? '');
  return salt !== undefined && field.value !== undefined && personalHash(salt, field.value) === field.hash;
}

/**
 * Which fields of an entry are about whom a selector names: with an actor go his address and whatever else is known of him. What a proposal said is
 * erased whole where it names him: nothing less would be sure to leave nothing.
 */
export function selects({ actor, name }: PersonalSelector, personal: AuditEntry['personal']): readonly string[] {
  const isHis = actor !== undefined && personal['actor']?.value === actor;
  return Object.entries(personal)
    .filter(([field, { value }]) => {
      if (value === undefined) return false;
      if (isHis && field !== 'names') return true;
      if (field === 'what') return mentions(value, actor ?? name ?? '');
      return field === 'names' && name !== undefined && value.split(' ').includes(name);
    })
    .map(([field]) => field);
}

/** As a whole: `web` is not named by `web.internal`. */
export function mentions(text: string, whom: string): boolean {
  if (whom === '') return false;
  const ends = (character: string | undefined): boolean => character === undefined || /[\s,;:'"()]/.test(character);
  for (let at = text.indexOf(whom); at !== -1; at = text.indexOf(whom, at + 1)) {
    if (ends(text[at - 1]) && ends(text[at + whom.length])) return true;
  }
  return false;
}
