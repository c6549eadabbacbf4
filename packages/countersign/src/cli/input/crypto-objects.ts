/** What an input holds: its PEM blocks, or the one object that its DER is. */
import { DerReader, parsePem, readSmallInteger, tags, type PemBlock } from '../../ground/encoding/index.ts';
import { isRefusal, Refusal } from '../../ground/errors/index.ts';

/** Labels as in PEM, for DER too. At least one block. */
export function cryptoObjects(bytes: Uint8Array, name: string): PemBlock[] {
  const text = new TextDecoder().decode(bytes);
  if (text.includes('-----BEGIN')) return parsePem(text);
  if (bytes.length === 0) throw unknown(name, 'nothing: it is empty');
  if (bytes[0] !== tags.sequence) throw unknown(name, /^[\s\x20-\x7e]*$/.test(text) ? 'other text' : 'other bytes');
  return [{ label: derLabel(bytes, name), bytes }];
}

/** Told apart by their first fields: RFC 5280 4.1, RFC 2986 4.2, RFC 5958 2 and 3, RFC 5915 3. */
function derLabel(bytes: Uint8Array, name: string): string {
  const outer = DerReader.over(bytes);
  const fields = outer.enter(tags.sequence);
  outer.finish();
  if (fields.peek() === tags.integer) return readSmallInteger(fields) === 1 ? 'EC PRIVATE KEY' : 'PRIVATE KEY';
  if (fields.peek() !== tags.sequence) throw unknown(name, 'other DER');
  const inner = fields.enter(tags.sequence);
  const first = inner.peek();
  if (first === tags.objectIdentifier)
    return fields.peek() === tags.octetString ? 'ENCRYPTED PRIVATE KEY' : 'PUBLIC KEY';
  return first === tags.integer && isZero(inner) && inner.peek() === tags.sequence
    ? 'CERTIFICATE REQUEST'
    : 'CERTIFICATE';
}

/** A request's version is 0; the serial number that begins a version 1 certificate is not. */
function isZero(reader: DerReader): boolean {
  try {
    return readSmallInteger(reader) === 0;
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}

function unknown(input: string, found: string): Refusal {
  return new Refusal('CS-RUN-005', { input, found });
}
