/** The times of a list (RFC 5280, 5.1.2.4): issuers must write UTCTime through 2049, but either form must be read whatever the year. */
import { type DerReader, readGeneralizedTime, readTime, tags } from '../../../ground/encoding/index.ts';

/** Milliseconds since 1970. */
export function readListTime(reader: DerReader): number {
  return reader.peek() === tags.generalizedTime ? readGeneralizedTime(reader) : readTime(reader);
}

/** Whether a time comes next. */
export function timeFollows(reader: DerReader): boolean {
  const tag = reader.peek();
  return tag === tags.utcTime || tag === tags.generalizedTime;
}
