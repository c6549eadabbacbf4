/** Personal fields as they are stored: `{"actor":[salt,value]}`, and after erasing `{"actor":hash}`; salts and hashes in base64url. */
import { type AuditEntry, personalHash, type PersonalField } from '../../runtime/audit/index.ts';

type Stored = Readonly<Record<string, string | readonly [salt: string, value: string]>>;

export function encodePersonal(personal: AuditEntry['personal']): string {
  const stored: Record<string, Stored[string]> = {};
  for (const [name, { hash, salt, value }] of Object.entries(personal))
    stored[name] = salt === undefined || value === undefined ? short(hash) : [short(salt), value];
  return JSON.stringify(stored);
}

/** The hash of a value that is there is made from it: a changed value then does not fit its entry. */
export function decodePersonal(column: string): AuditEntry['personal'] {
  const personal: Record<string, PersonalField> = {};
  for (const [name, field] of Object.entries(JSON.parse(column) as Stored)) {
    if (typeof field === 'string') {
      personal[name] = { hash: Buffer.from(field, 'base64url').toString('hex') };
      continue;
    }
    const salt = Buffer.from(field[0], 'base64url');
    personal[name] = { hash: personalHash(salt, field[1]), salt: salt.toString('hex'), value: field[1] };
  }
  return personal;
}

function short(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64url');
}
