/** Which organization a certificate names, and what it declares of its payment services (a QWAC: ETSI EN 319 412-1, TS 119 495), decoded. */
import { DerReader } from '../../ground/encoding/index.ts';
import { type Certificate, extensionOids, type PaymentServices, readQcStatements } from '../x509/index.ts';

/** organizationIdentifier (X.520, 6.4.4). */
const organizationIdentifierOid = '2.5.4.97';

/** The subject's, where it has exactly one that shows all its characters; `undefined` otherwise. */
export function organizationIdentifierOf({ subject }: Pick<Certificate, 'subject'>): string | undefined {
  const found = subject.relativeNames.flat().filter(({ oid }) => oid === organizationIdentifierOid);
  const text = found.length === 1 ? found[0]?.text : undefined;
  return text === undefined || /[\p{Cc}\p{Cf}]/u.test(text) ? undefined : text;
}

/**
 * `undefined` where it declares none, or more than once.
 * @throws CS-DER-001 and its kin where the statements are malformed
 */
export function paymentServicesOf({ extensions }: Pick<Certificate, 'extensions'>): PaymentServices | undefined {
  const declared = extensions.find(({ oid }) => oid === extensionOids.qcStatements);
  if (declared === undefined) return undefined;
  const reader = DerReader.over(declared.value);
  const found = readQcStatements(reader).filter((one) => one.statement === 'paymentServices');
  reader.finish();
  return found.length === 1 ? found[0]?.services : undefined;
}
