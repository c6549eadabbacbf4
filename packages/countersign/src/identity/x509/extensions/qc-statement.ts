/** What can be declared of a qualified certificate (RFC 3739, 3.2.6; ETSI EN 319 412-5), as data. */
import type { GeneralNames } from '../general-names.ts';
import type { PaymentServices } from './payment-services.ts';

export const qcStatementIds = {
  semantics1: '1.3.6.1.5.5.7.11.1',
  semantics2: '1.3.6.1.5.5.7.11.2',
  QcCompliance: '0.4.0.1862.1.1',
  QcLimitValue: '0.4.0.1862.1.2',
  QcRetentionPeriod: '0.4.0.1862.1.3',
  QcSSCD: '0.4.0.1862.1.4',
  QcPDS: '0.4.0.1862.1.5',
  QcType: '0.4.0.1862.1.6',
  QcCClegislation: '0.4.0.1862.1.7',
  paymentServices: '0.4.0.19495.2',
} as const;

/** What QcType names. */
export const qcTypes = {
  eSign: '0.4.0.1862.1.6.1',
  eSeal: '0.4.0.1862.1.6.2',
  web: '0.4.0.1862.1.6.3',
} as const;

export interface MonetaryValue {
  /** ISO 4217: three letters, or the number. */
  readonly currency: string | number;
  /** Times ten to the power of `exponent`. */
  readonly amount: number;
  readonly exponent: number;
}

export interface SemanticsInformation {
  /** Object identifier: what the subject's identifiers mean (ETSI EN 319 412-1, 5.1). */
  readonly identifier?: string;
  readonly registrationAuthorities?: GeneralNames;
}

export type QcStatement =
  | { readonly statement: 'QcCompliance' | 'QcSSCD' }
  | { readonly statement: 'QcLimitValue'; readonly value: MonetaryValue }
  | { readonly statement: 'QcRetentionPeriod'; readonly years: number }
  | { readonly statement: 'QcPDS'; readonly locations: readonly { readonly url: string; readonly language: string }[] }
  /** Object identifiers. */
  | { readonly statement: 'QcType'; readonly types: readonly string[] }
  /** ISO 3166. */
  | { readonly statement: 'QcCClegislation'; readonly countries: readonly string[] }
  | { readonly statement: 'semantics1' | 'semantics2'; readonly information?: SemanticsInformation }
  | { readonly statement: 'paymentServices'; readonly services: PaymentServices }
  /** DER. */
  | { readonly statement: 'other'; readonly oid: string; readonly information?: Uint8Array };
