/** Certificates outside their time, their authority and their purpose. */
import { extendedKeyUsages } from '../../../../packages/countersign/src/identity/x509/index.ts';
import { authoritiesOf, type Draft, leafOf, moment } from '../draft.ts';
import { countedBelow, emailProtection } from '../sound-chain.ts';
import { any, authority, changed, type Flaw } from './flaw.ts';

const secondMs = 1000;

export function timeFlaws(): Flaw[] {
  const clause = 'RFC 5280 6.1.3 (a) (2)';
  return [
    { name: 'expired', clause, apply: (draft) => changed(any(draft), (plan) => (plan.notAfter = moment - secondMs)) },
    {
      name: 'not yet valid',
      clause,
      apply: (draft) =>
        changed(any(draft), (plan) => {
          plan.notBefore = moment + secondMs;
          plan.notAfter = Math.max(plan.notAfter, moment + secondMs);
        }),
    },
    {
      name: 'ends before it begins',
      clause: 'RFC 5280 4.1.2.5',
      apply: (draft) =>
        changed(any(draft), (plan) => {
          plan.notBefore = moment + 2 * secondMs;
          plan.notAfter = moment - 2 * secondMs;
        }),
    },
  ];
}

export function authorityFlaws(): Flaw[] {
  return [
    {
      name: 'issuer without basicConstraints',
      clause: 'RFC 5280 6.1.4 (k)',
      apply: (draft) =>
        changed(authority(draft), (plan) => {
          delete plan.ca;
          delete plan.pathLength;
        }),
    },
    {
      name: 'issuer that is no authority',
      clause: 'RFC 5280 6.1.4 (k)',
      apply: (draft) =>
        changed(authority(draft), (plan) => {
          plan.ca = false;
          delete plan.pathLength;
        }),
    },
    {
      name: 'issuer without keyCertSign',
      clause: 'RFC 5280 6.1.4 (n)',
      apply: (draft) =>
        changed(authority(draft), (plan) => {
          plan.keyUsage = draft.random.pick([['cRLSign'], ['digitalSignature', 'cRLSign']]);
          delete plan.pathLength;
        }),
    },
    {
      name: 'path longer than allowed',
      clause: 'RFC 5280 6.1.4 (l), (m)',
      apply: (draft) => {
        const candidates = authoritiesOf(draft).filter(
          (plan) => countedBelow(draft, draft.certificates.indexOf(plan)) > 0,
        );
        if (candidates.length === 0) return undefined;
        return changed(draft.random.pick(candidates), (plan) => {
          plan.pathLength = countedBelow(draft, draft.certificates.indexOf(plan)) - 1;
        });
      },
    },
  ];
}

export function usageFlaws(): Flaw[] {
  const { clientAuth, serverAuth } = extendedKeyUsages;
  const other = ({ asked, random }: Draft): string[] =>
    random.pick([[asked.purpose === 'client' ? serverAuth : clientAuth], [emailProtection]]);
  return [
    {
      name: 'leaf for another purpose',
      clause: 'RFC 5280 4.2.1.12',
      apply: (draft) => changed(leafOf(draft), (plan) => (plan.extendedKeyUsage = other(draft))),
    },
    {
      name: 'issuer for another purpose',
      clause: 'CA/Browser Forum BR 7.1.2.2.5; own rule',
      apply: (draft) => changed(authority(draft), (plan) => (plan.extendedKeyUsage = other(draft))),
    },
  ];
}
