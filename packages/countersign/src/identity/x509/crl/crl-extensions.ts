/** The extensions that lists and their entries alone have, written (RFC 5280, 5.2 and 5.3); the others are those of certificates. */
import {
  encodeExplicit,
  encodeGeneralizedTime,
  encodeInteger,
  encodeOid,
  encodeSequence,
} from '../../../ground/encoding/index.ts';
import { encodeExtension } from '../extensions.ts';
import { encodeGeneralNames, type WritableNames } from '../general-names.ts';
import { crlEntryExtensionOids, crlExtensionOids } from './extension-oids.ts';
import { encodeIssuingDistributionPoint, type IssuingDistributionPointFields } from './issuing-distribution-point.ts';
import { encodeRevocationReason, type RevocationReason } from './revocation-reason.ts';

/** @param number its octets, most significant first, or a whole number; 20 octets at the most (RFC 5280, 5.2.3) */
export function crlNumberExtension(number: Uint8Array | number): Uint8Array {
  return encodeExtension(crlExtensionOids.crlNumber, false, encodeInteger(number));
}

/**
 * Critical, as it must be (RFC 5280, 5.2.4).
 * @param base the cRLNumber of the complete list that the delta changes
 */
export function deltaCrlIndicatorExtension(base: Uint8Array | number): Uint8Array {
  return encodeExtension(crlExtensionOids.deltaCrlIndicator, true, encodeInteger(base));
}

/** Critical, as it must be (RFC 5280, 5.2.5). */
export function issuingDistributionPointExtension(fields: IssuingDistributionPointFields): Uint8Array {
  return encodeExtension(crlExtensionOids.issuingDistributionPoint, true, encodeIssuingDistributionPoint(fields));
}

export function crlIssuerAltNameExtension(names: WritableNames): Uint8Array {
  return encodeExtension(crlExtensionOids.issuerAltName, false, encodeGeneralNames(names));
}

/** @param since milliseconds since 1970: certificates that expired from then on stay on the list (X.509, 9.5.2.9) */
export function expiredCertsOnCrlExtension(since: number): Uint8Array {
  return encodeExtension(crlExtensionOids.expiredCertsOnCrl, false, encodeGeneralizedTime(since));
}

export interface EntryExtensionFields {
  /** `unspecified` is said by leaving it out (RFC 5280, 5.3.1). */
  readonly reason?: RevocationReason;
  /** Milliseconds since 1970. */
  readonly invalidityDate?: number;
  /** Object identifier. */
  readonly holdInstruction?: string;
  /** The Name, DER, of the certificate's issuer; critical, and holds for the entries after it until another comes (RFC 5280, 5.3.3). */
  readonly certificateIssuer?: Uint8Array;
}

/** Extension, DER, each. */
export function entryExtensions(fields: EntryExtensionFields): Uint8Array[] {
  const { reason, invalidityDate, holdInstruction, certificateIssuer } = fields;
  const oids = crlEntryExtensionOids;
  return [
    ...(reason === undefined ? [] : [encodeExtension(oids.reasonCode, false, encodeRevocationReason(reason))]),
    ...(holdInstruction === undefined
      ? []
      : [encodeExtension(oids.holdInstructionCode, false, encodeOid(holdInstruction))]),
    ...(invalidityDate === undefined
      ? []
      : [encodeExtension(oids.invalidityDate, false, encodeGeneralizedTime(invalidityDate))]),
    ...(certificateIssuer === undefined
      ? []
      : [encodeExtension(oids.certificateIssuer, true, encodeSequence(encodeExplicit(4, certificateIssuer)))]),
  ];
}
