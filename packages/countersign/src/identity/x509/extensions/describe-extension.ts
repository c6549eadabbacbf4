/** Any extension as plain data for people and programs: everything that it says, in the standards' words where they are known. */
import { DerReader, toHex } from '../../../ground/encoding/index.ts';
import { isRefusal } from '../../../ground/errors/index.ts';
import { type Extension, extensionOids as oids } from '../extensions.ts';
import { describers } from './describers.ts';

export interface DescribedExtension {
  /** As in `extensionOids`; `undefined` for one that is not known here. */
  readonly name: string | undefined;
  readonly oid: string;
  readonly critical: boolean;
  /** JSON: octets in lower-case hexadecimal digits, times as RFC 3339; the whole value in hexadecimal digits where it is not known. */
  readonly value: unknown;
  /** Why the value, then in hexadecimal digits, could not be read. */
  readonly malformed?: string;
}

const names: ReadonlyMap<string, string> = new Map(Object.entries(oids).map(([name, oid]) => [oid, name]));

/** Never refuses: what is broken is shown as octets, with the rule that it breaks. */
export function describeExtension({ oid, critical, value }: Extension): DescribedExtension {
  const name = names.get(oid);
  const describe = describers.get(oid);
  const octets = { name, oid, critical, value: toHex(value) };
  if (describe === undefined) return octets;
  try {
    const reader = DerReader.over(value);
    const described = describe(reader);
    reader.finish();
    return { name, oid, critical, value: described };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return { ...octets, malformed: error.message };
  }
}
