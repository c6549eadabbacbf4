/** privateKeyUsagePeriod (RFC 3280, 4.2.1.4; X.509, 9.2.2.5), read and written: when the key signs, which may end before its certificate does. */
import {
  concatBytes,
  contextPrimitive,
  type DerReader,
  encodeElement,
  encodeImplicit,
  readTime,
  tags,
} from '../../../ground/encoding/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import { encodeExtension, extensionOids } from '../extensions.ts';
import { readImplicit } from './implicit.ts';

/** Milliseconds since 1970; at least one of the two. */
export interface PrivateKeyUsagePeriod {
  readonly notBefore?: number;
  readonly notAfter?: number;
}

export function readPrivateKeyUsagePeriod(reader: DerReader): PrivateKeyUsagePeriod {
  const fields = reader.enter(tags.sequence);
  const notBefore = readField(fields, 0);
  const notAfter = readField(fields, 1);
  fields.finish();
  if (notBefore === undefined && notAfter === undefined) {
    throw new Refusal('CS-X509-001', { rule: 'privateKeyUsagePeriod without a time (RFC 3280, 4.2.1.4)' });
  }
  return {
    ...(notBefore === undefined ? {} : { notBefore }),
    ...(notAfter === undefined ? {} : { notAfter }),
  };
}

/** GeneralizedTime whatever the year. */
function readField(fields: DerReader, number: number): number | undefined {
  const tag = contextPrimitive(number);
  if (fields.peek() !== tag) return undefined;
  return readImplicit(fields, tag, tags.generalizedTime, (time) => readTime(time, 'any year'));
}

/** Not critical (RFC 3280, 4.2.1.4: SHOULD). */
export function privateKeyUsagePeriodExtension({ notBefore, notAfter }: PrivateKeyUsagePeriod): Uint8Array {
  const fields = [...encodeField(0, notBefore), ...encodeField(1, notAfter)];
  if (fields.length === 0) throw new TypeError('privateKeyUsagePeriod has a time');
  const value = encodeElement(tags.sequence, concatBytes(fields));
  return encodeExtension(extensionOids.privateKeyUsagePeriod, false, value);
}

function encodeField(number: number, ms: number | undefined): Uint8Array[] {
  if (ms === undefined) return [];
  const digits = new Date(ms).toISOString().replaceAll(/[-:T]|\.\d+Z$/g, '');
  if (digits.length !== 14) throw new TypeError('a certificate holds times up to the year 9999');
  return [encodeImplicit(number, new TextEncoder().encode(`${digits}Z`))];
}
