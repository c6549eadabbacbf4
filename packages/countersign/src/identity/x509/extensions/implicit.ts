/** An element under an implicit tag, read by what reads its type under the type's own tag. */
import { DerReader, encodeElement } from '../../../ground/encoding/index.ts';
import { isRefusal } from '../../../ground/errors/index.ts';

export function readImplicit<T>(reader: DerReader, tag: number, type: number, read: (reader: DerReader) => T): T {
  const { offset } = reader;
  const contents = reader.contents(tag);
  try {
    return read(DerReader.over(encodeElement(type, contents), Infinity));
  } catch (error) {
    if (!isRefusal(error) || error.code !== 'CS-DER-001') throw error;
    // The offset inside is one of the element made here.
    throw reader.malformed(String(error.evidence['rule']), offset);
  }
}
