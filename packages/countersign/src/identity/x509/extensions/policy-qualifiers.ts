/** The qualifiers of certificate policies (RFC 5280, 4.2.1.4), read and written: where a practice statement is found, and a notice for users. */
import {
  DerReader,
  encodeInteger,
  encodeSequence,
  readDirectoryString,
  readSmallInteger,
  tags,
  toHex,
} from '../../../ground/encoding/index.ts';
import { encodeStringOf, readStringOf } from '../names/character-strings.ts';
import type { PolicyQualifier } from './policies.ts';

export const policyQualifierIds = { cps: '1.3.6.1.5.5.7.2.1', userNotice: '1.3.6.1.5.5.7.2.2' } as const;

export interface UserNotice {
  /** Notices by their numbers in what an organization has published. */
  readonly noticeRef?: { readonly organization: string; readonly noticeNumbers: readonly number[] };
  /** For people. May be longer than the 200 characters that RFC 5280 allows, as it asks of readers. */
  readonly explicitText?: string;
}

export type DescribedQualifier =
  | { readonly type: 'cps'; readonly uri: string }
  | ({ readonly type: 'userNotice' } & UserNotice)
  /** Lower-case hexadecimal digits of the DER. */
  | { readonly type: 'other'; readonly oid: string; readonly value: string };

/** Parsing a certificate leaves qualifiers alone, which decide nothing; here they must be what they claim. */
export function describeQualifier({ type, value }: PolicyQualifier): DescribedQualifier {
  const reader = DerReader.over(value);
  switch (type) {
    case policyQualifierIds.cps: {
      const uri = readStringOf(reader, 'ia5', [0, Infinity]);
      reader.finish();
      return { type: 'cps', uri };
    }
    case policyQualifierIds.userNotice: {
      const notice = readUserNotice(reader.enter(tags.sequence));
      reader.finish();
      return { type: 'userNotice', ...notice };
    }
    default:
      return { type: 'other', oid: type, value: toHex(value) };
  }
}

function readUserNotice(fields: DerReader): UserNotice {
  const noticeRef = fields.peek() === tags.sequence ? readNoticeReference(fields.enter(tags.sequence)) : undefined;
  const explicitText = fields.done ? undefined : readDisplayText(fields);
  fields.finish();
  return {
    ...(noticeRef === undefined ? {} : { noticeRef }),
    ...(explicitText === undefined ? {} : { explicitText }),
  };
}

function readNoticeReference(fields: DerReader): NonNullable<UserNotice['noticeRef']> {
  const organization = readDisplayText(fields);
  const list = fields.enter(tags.sequence);
  const noticeNumbers: number[] = [];
  while (!list.done) noticeNumbers.push(readSmallInteger(list));
  fields.finish();
  return { organization, noticeNumbers };
}

/** VisibleString, which only this choice knows. */
const visibleString = 0x1a;

/** DisplayText: four kinds of string, at least one character. */
function readDisplayText(fields: DerReader): string {
  const { offset } = fields;
  const kind = fields.peek();
  const text =
    kind === visibleString ? readVisibleString(fields) : isDisplayed(kind) ? readDirectoryString(fields) : undefined;
  if (text === undefined) throw fields.malformed('no DisplayText', offset);
  if (text === '') throw fields.malformed('a DisplayText without characters', offset);
  return text;
}

function isDisplayed(kind: number | undefined): boolean {
  return kind === tags.ia5String || kind === tags.utf8String || kind === tags.bmpString;
}

function readVisibleString(fields: DerReader): string {
  const { offset } = fields;
  const contents = fields.contents(visibleString);
  if (contents.some((octet) => octet < 0x20 || octet > 0x7e)) {
    throw fields.malformed('VisibleString with a character outside its set', offset);
  }
  return new TextDecoder().decode(contents);
}

export function cpsQualifier(uri: string): PolicyQualifier {
  return { type: policyQualifierIds.cps, value: encodeStringOf('ia5', uri) };
}

/** Text is written as UTF8String (RFC 5280, 4.2.1.4: SHOULD). */
export function userNoticeQualifier({ noticeRef, explicitText }: UserNotice): PolicyQualifier {
  const reference =
    noticeRef === undefined
      ? []
      : [
          encodeSequence(
            encodeStringOf('utf8', noticeRef.organization),
            encodeSequence(...noticeRef.noticeNumbers.map((number) => encodeInteger(number))),
          ),
        ];
  const text = explicitText === undefined ? [] : [encodeStringOf('utf8', explicitText)];
  return { type: policyQualifierIds.userNotice, value: encodeSequence(...reference, ...text) };
}
