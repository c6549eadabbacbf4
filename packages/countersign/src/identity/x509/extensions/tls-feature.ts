/** tlsFeature (RFC 7633), read and written: TLS extensions that a server with this certificate promises to answer, "must-staple" among them. */
import {
  type DerReader,
  encodeInteger,
  encodeSequence,
  readSmallInteger,
  tags,
} from '../../../ground/encoding/index.ts';
import { encodeExtension, extensionOids } from '../extensions.ts';

/** TLS extensions by their numbers. */
export const tlsFeatures = { statusRequest: 5, statusRequestV2: 17 } as const;

/** An ExtensionType of TLS has two octets (RFC 8446, 4.2). */
const mostFeature = 0xffff;

export function readTlsFeature(reader: DerReader): number[] {
  const list = reader.enter(tags.sequence);
  const features: number[] = [];
  while (!list.done) {
    const { offset } = list;
    const feature = readSmallInteger(list);
    if (feature > mostFeature) throw list.malformed('a TLS extension number above 65535', offset);
    features.push(feature);
  }
  return features;
}

/** Not critical (RFC 7633, 4: SHOULD). */
export function tlsFeatureExtension(features: readonly number[], critical: boolean = false): Uint8Array {
  const members = features.map((feature) => encodeInteger(feature));
  return encodeExtension(extensionOids.tlsFeature, critical, encodeSequence(...members));
}
