/** The information of a qualified certificate's statement, written. */
import { encodeInteger, encodeOid, encodeSequence } from '../../../ground/encoding/index.ts';
import { encodeGeneralNames } from '../general-names.ts';
import { encodeStringOf } from '../names/character-strings.ts';
import { encodePaymentServices } from './payment-services.ts';
import type { MonetaryValue, QcStatement, SemanticsInformation } from './qc-statement.ts';
import { encodeSignedNumber } from './signed-number.ts';

/** One element, or none where the statement says all. */
export function encodeStatementInfo(one: QcStatement): Uint8Array[] {
  switch (one.statement) {
    case 'QcCompliance':
    case 'QcSSCD':
      return [];
    case 'QcLimitValue':
      return [encodeMonetaryValue(one.value)];
    case 'QcRetentionPeriod':
      return [encodeInteger(one.years)];
    case 'QcPDS':
      return [encodeSequence(...one.locations.map(encodeLocation))];
    case 'QcType':
      return [encodeSequence(...one.types.map(encodeOid))];
    case 'QcCClegislation':
      return [encodeSequence(...one.countries.map((country) => encodeStringOf('printable', country)))];
    case 'semantics1':
    case 'semantics2':
      return one.information === undefined ? [] : [encodeSemantics(one.information)];
    case 'paymentServices':
      return [encodePaymentServices(one.services)];
    case 'other':
      return one.information === undefined ? [] : [one.information];
  }
}

function encodeMonetaryValue({ currency, amount, exponent }: MonetaryValue): Uint8Array {
  const code = typeof currency === 'number' ? encodeInteger(currency) : encodeStringOf('printable', currency);
  return encodeSequence(code, encodeSignedNumber(amount), encodeSignedNumber(exponent));
}

function encodeLocation({ url, language }: { url: string; language: string }): Uint8Array {
  return encodeSequence(encodeStringOf('ia5', url), encodeStringOf('printable', language));
}

function encodeSemantics({ identifier, registrationAuthorities }: SemanticsInformation): Uint8Array {
  return encodeSequence(
    ...(identifier === undefined ? [] : [encodeOid(identifier)]),
    ...(registrationAuthorities === undefined ? [] : [encodeGeneralNames(registrationAuthorities)]),
  );
}
