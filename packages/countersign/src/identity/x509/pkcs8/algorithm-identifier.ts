/** AlgorithmIdentifier (RFC 5280, 4.1.1.2) with parameters of any kind. */
import {
  DerReader,
  encodeElement,
  encodeOid,
  encodeSequence,
  readObjectIdentifier,
  tags,
} from '../../../ground/encoding/index.ts';

export interface AlgorithmIdentifier {
  /** Dotted. */
  readonly oid: string;
  /** The parameters' whole element, DER; absent where there is none. */
  readonly parameters?: Uint8Array;
}

export function readAlgorithmIdentifier(reader: DerReader): AlgorithmIdentifier {
  const identifier = reader.enter(tags.sequence);
  const oid = readObjectIdentifier(identifier);
  if (identifier.done) return { oid };
  const parameters = identifier.element();
  identifier.finish();
  return { oid, parameters };
}

export function encodeAlgorithmIdentifier({ oid, parameters }: AlgorithmIdentifier): Uint8Array {
  return encodeSequence(encodeOid(oid), parameters ?? new Uint8Array());
}

/** What stands for "no parameters" with hashes and HMACs (RFC 8018, B.1.2). */
export const nullParameters: Uint8Array = encodeElement(tags.null, new Uint8Array());

/** The fields of parameters that are a SEQUENCE. */
export function parametersReader({ parameters }: AlgorithmIdentifier): DerReader {
  const outer = DerReader.over(parameters ?? new Uint8Array());
  const fields = outer.enter(tags.sequence);
  outer.finish();
  return fields;
}

/** Refuses parameters other than NULL or none. */
export function requireNoParameters({ parameters }: AlgorithmIdentifier): void {
  if (parameters === undefined) return;
  const reader = DerReader.over(parameters);
  if (reader.contents(tags.null).length > 0) throw reader.malformed('NULL with contents', 0);
  reader.finish();
}
