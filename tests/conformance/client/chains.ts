/** The certificates of a case: an ordinary chain for a client, with what the case changes. */
import {
  type CertificatePlan,
  encodePlanned,
  plannedKey,
  type PlannedKey,
  plannedName,
} from '../../fixtures/planned-certificates.ts';
import { seededRandom } from '../../fixtures/random.ts';
import { extendedKeyUsages } from '../../../packages/countersign/src/identity/x509/index.ts';
import { type ClientCase, moment } from './cases.ts';

export interface ClientChain {
  readonly leaf: Uint8Array;
  readonly intermediates: readonly Uint8Array[];
  readonly anchor: Uint8Array;
}

const dayMs = 86_400_000;
const random = seededRandom(5280);
const keyNames = ['leaf', 'issuer', 'next', 'upper', 'anchor', 'stranger'] as const;
const keys = Object.fromEntries(keyNames.map((name) => [name, plannedKey('P-256', random)])) as Readonly<
  Record<(typeof keyNames)[number], PlannedKey>
>;
const named = (name: string): Uint8Array => plannedName(['2.5.4.3', name]);
const [anchorName, upperName, issuerName] = [named('Anchor'), named('Upper'), named('Issuer')];

let serial = 1;

function plan(key: PlannedKey, subject: Uint8Array, signer: PlannedKey, issuer: Uint8Array): CertificatePlan {
  serial++;
  return {
    key,
    signer,
    algorithm: 'ecdsa-sha256',
    serialNumber: Uint8Array.of(0x40, serial >> 8, serial & 0xff),
    issuer,
    subject,
    notBefore: moment - dayMs,
    notAfter: moment + dayMs,
    ca: true,
    keyUsage: ['keyCertSign', 'cRLSign'],
    subjectKeyIdentifier: key.identifier,
    ...(key === signer ? {} : { authorityKeyIdentifier: signer.identifier }),
  };
}

export function chainFor({ leaf, issuer, anchor, stranger, upper, selfIssued, crossed }: ClientCase): ClientChain {
  const above = upper === undefined ? ([keys.anchor, anchorName] as const) : ([keys.upper, upperName] as const);
  const root = encodePlanned({ ...plan(keys.anchor, anchorName, keys.anchor, anchorName), ...anchor });
  const signing = stranger === true ? keys.stranger : above[0];
  const own = { ...plan(keys.issuer, issuerName, signing, above[1]), ...issuer };
  const last = selfIssued === undefined ? keys.issuer : keys.next;
  const { ca: _, ...plain } = plan(keys.leaf, named('web'), last, issuerName);
  return {
    leaf: encodePlanned({
      ...plain,
      ca: false,
      keyUsage: ['digitalSignature'],
      extendedKeyUsage: [extendedKeyUsages.clientAuth],
      ...(leaf?.subject?.length === 2 ? {} : { names: { uri: ['spiffe://td.test/web'] } }),
      ...leaf,
    }),
    intermediates: [
      ...(crossed === undefined
        ? []
        : [encodePlanned({ ...plan(keys.issuer, issuerName, signing, above[1]), ...crossed })]),
      encodePlanned(own),
      ...(selfIssued === undefined
        ? []
        : [encodePlanned({ ...plan(keys.next, issuerName, keys.issuer, issuerName), ...selfIssued })]),
      ...(upper === undefined
        ? []
        : [encodePlanned({ ...plan(keys.upper, upperName, keys.anchor, anchorName), ...upper })]),
    ],
    anchor: root,
  };
}
