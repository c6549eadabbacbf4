/** The statement of payment services' certificates (PSD2; ETSI TS 119 495, 5.1), read and written: a provider's roles, and who authorized it. */
import {
  type DerReader,
  encodeOid,
  encodeSequence,
  readObjectIdentifier,
  tags,
} from '../../../ground/encoding/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import { encodeStringOf, readStringOf } from '../names/character-strings.ts';

/** Account servicing, payment initiation, account information, issuing of card-based instruments. */
export const paymentRoles = {
  PSP_AS: '0.4.0.19495.1.1',
  PSP_PI: '0.4.0.19495.1.2',
  PSP_AI: '0.4.0.19495.1.3',
  PSP_IC: '0.4.0.19495.1.4',
} as const;

export interface PaymentServices {
  /** Each with its object identifier. */
  readonly roles: readonly { readonly oid: string; readonly name: string }[];
  /** The national competent authority: "Financial Conduct Authority", "GB-FCA". */
  readonly authorityName: string;
  readonly authorityId: string;
}

/** Characters of each text. */
const length = [1, 256] as const;

export function readPaymentServices(reader: DerReader): PaymentServices {
  const fields = reader.enter(tags.sequence);
  const list = fields.enter(tags.sequence);
  const roles: { oid: string; name: string }[] = [];
  while (!list.done) roles.push(readRole(list.enter(tags.sequence)));
  const authorityName = readStringOf(fields, 'utf8', length);
  const authorityId = readStringOf(fields, 'utf8', length);
  fields.finish();
  return { roles, authorityName, authorityId };
}

/** A known role is both its identifier and its name: one reader may look at the one, another at the other. */
function readRole(fields: DerReader): { oid: string; name: string } {
  const oid = readObjectIdentifier(fields);
  const name = readStringOf(fields, 'utf8', length);
  fields.finish();
  const differs = Object.entries(paymentRoles).some(([known, identifier]) => (known === name) !== (identifier === oid));
  if (differs) throw new Refusal('CS-X509-001', { rule: `role ${oid} with another's name (ETSI TS 119 495, 5.1)` });
  return { oid, name };
}

export function encodePaymentServices({ roles, authorityName, authorityId }: PaymentServices): Uint8Array {
  const list = roles.map(({ oid, name }) => encodeSequence(encodeOid(oid), encodeStringOf('utf8', name)));
  return encodeSequence(
    encodeSequence(...list),
    encodeStringOf('utf8', authorityName),
    encodeStringOf('utf8', authorityId),
  );
}
