/** Extensions as data: their octets, and what they say. */
import { toHex } from '../../ground/encoding/index.ts';
import { describeExtension, type Extension } from '../../identity/x509/index.ts';

export interface ExtensionData {
  readonly oid: string;
  readonly name?: string;
  readonly critical: boolean;
  /** extnValue's contents, in hexadecimal digits. */
  readonly value: string;
  /** What it says; `null` where nobody here knows. */
  readonly decoded: unknown;
  /** The rule that its value breaks. */
  readonly malformed?: string;
}

/** @param known what certificates' extensions do not name: those of lists and of OCSP, decoded by whoever reads these */
export function describeExtensions(
  extensions: readonly Extension[],
  known: ReadonlyMap<string, { readonly name: string; readonly decoded: unknown }> = new Map(),
): ExtensionData[] {
  return extensions.map((extension) => {
    const { oid, critical, value } = extension;
    const given = known.get(oid);
    if (given !== undefined) return { oid, name: given.name, critical, value: toHex(value), decoded: given.decoded };
    const { name, value: decoded, malformed } = describeExtension(extension);
    return {
      oid,
      ...(name === undefined ? {} : { name }),
      critical,
      value: toHex(value),
      decoded: name === undefined || malformed !== undefined ? null : decoded,
      ...(malformed === undefined ? {} : { malformed }),
    };
  });
}
