/** qcStatements (RFC 3739, 3.2.6; ETSI EN 319 412-5), read and written: what is declared of a qualified certificate. */
import {
  type DerReader,
  encodeOid,
  encodeSequence,
  readObjectIdentifier,
  readSmallInteger,
  tags,
} from '../../../ground/encoding/index.ts';
import { encodeExtension, extensionOids } from '../extensions.ts';
import { readStringOf } from '../names/character-strings.ts';
import { readGeneralNames } from '../general-names.ts';
import { encodeStatementInfo } from './encode-qc-statement.ts';
import { readPaymentServices } from './payment-services.ts';
import { type MonetaryValue, type QcStatement, qcStatementIds, type SemanticsInformation } from './qc-statement.ts';
import { readSignedNumber } from './signed-number.ts';

export function readQcStatements(reader: DerReader): QcStatement[] {
  const list = reader.enter(tags.sequence);
  const statements: QcStatement[] = [];
  while (!list.done) {
    const fields = list.enter(tags.sequence);
    statements.push(readStatement(readObjectIdentifier(fields), fields));
    fields.finish();
  }
  return statements;
}

function readStatement(oid: string, fields: DerReader): QcStatement {
  switch (oid) {
    case qcStatementIds.QcCompliance:
      return { statement: 'QcCompliance' };
    case qcStatementIds.QcSSCD:
      return { statement: 'QcSSCD' };
    case qcStatementIds.QcLimitValue:
      return { statement: 'QcLimitValue', value: readMonetaryValue(fields.enter(tags.sequence)) };
    case qcStatementIds.QcRetentionPeriod:
      return { statement: 'QcRetentionPeriod', years: readSmallInteger(fields) };
    case qcStatementIds.QcPDS:
      return { statement: 'QcPDS', locations: readAll(fields, readLocation) };
    case qcStatementIds.QcType:
      return { statement: 'QcType', types: readAll(fields, readObjectIdentifier) };
    case qcStatementIds.QcCClegislation:
      return { statement: 'QcCClegislation', countries: readAll(fields, readCountry) };
    case qcStatementIds.semantics1:
    case qcStatementIds.semantics2: {
      const statement = oid === qcStatementIds.semantics1 ? 'semantics1' : 'semantics2';
      return fields.done ? { statement } : { statement, information: readSemantics(fields.enter(tags.sequence)) };
    }
    case qcStatementIds.paymentServices:
      return { statement: 'paymentServices', services: readPaymentServices(fields) };
    default:
      return fields.done ? { statement: 'other', oid } : { statement: 'other', oid, information: fields.element() };
  }
}

function readAll<T>(fields: DerReader, read: (list: DerReader) => T): T[] {
  const list = fields.enter(tags.sequence);
  if (list.done) throw list.malformed('a statement whose list is empty');
  const members: T[] = [];
  while (!list.done) members.push(read(list));
  return members;
}

function readMonetaryValue(fields: DerReader): MonetaryValue {
  const currency = fields.peek() === tags.integer ? readCurrency(fields) : readStringOf(fields, 'printable', [3, 3]);
  const amount = readSignedNumber(fields);
  const exponent = readSignedNumber(fields);
  fields.finish();
  return { currency, amount, exponent };
}

function readCurrency(fields: DerReader): number {
  const { offset } = fields;
  const number = readSmallInteger(fields);
  if (number < 1 || number > 999) throw fields.malformed('a currency of other than 1 to 999', offset);
  return number;
}

function readLocation(list: DerReader): { url: string; language: string } {
  const fields = list.enter(tags.sequence);
  const url = readStringOf(fields, 'ia5', [0, Infinity]);
  const language = readStringOf(fields, 'printable', [2, 2]);
  fields.finish();
  return { url, language };
}

function readCountry(list: DerReader): string {
  return readStringOf(list, 'printable', [2, 2]);
}

function readSemantics(fields: DerReader): SemanticsInformation {
  if (fields.done) throw fields.malformed('SemanticsInformation without any');
  const identifier = fields.peek() === tags.objectIdentifier ? readObjectIdentifier(fields) : undefined;
  const registrationAuthorities = fields.done ? undefined : readGeneralNames(fields.enter(tags.sequence));
  fields.finish();
  return {
    ...(identifier === undefined ? {} : { identifier }),
    ...(registrationAuthorities === undefined ? {} : { registrationAuthorities }),
  };
}

/** Critical or not (RFC 3739, 3.2.6). */
export function qcStatementsExtension(statements: readonly QcStatement[], critical: boolean = false): Uint8Array {
  const members = statements.map((one) => {
    const oid = one.statement === 'other' ? one.oid : qcStatementIds[one.statement];
    return encodeSequence(encodeOid(oid), ...encodeStatementInfo(one));
  });
  return encodeExtension(extensionOids.qcStatements, critical, encodeSequence(...members));
}
