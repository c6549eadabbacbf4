/** What a finished chain contains that others are known to see otherwise, read off the plans of its certificates. */
import { extendedKeyUsages } from '../../../packages/countersign/src/identity/x509/index.ts';
import type { CertificatePlan } from '../../fixtures/planned-certificates.ts';
import { authoritiesOf, type Draft, leafOf, moment } from './draft.ts';

const { anyExtendedKeyUsage } = extendedKeyUsages;

const traits: Readonly<Record<string, (draft: Draft) => boolean>> = {
  'ends now': ({ certificates }) => certificates.some(({ notAfter }) => notAfter === moment),
  'any purpose, and not the one asked for, on the leaf': (draft) =>
    leafOf(draft).extendedKeyUsage?.includes(anyExtendedKeyUsage) === true,
  'any purpose, and not the one asked for, on an issuer': (draft) =>
    authoritiesOf(draft).some(({ extendedKeyUsage }) => extendedKeyUsage?.includes(anyExtendedKeyUsage)),
  'leaf key without digitalSignature': (draft) => leafOf(draft).keyUsage?.includes('digitalSignature') === false,
  'key identifier of another key': ({ certificates }) =>
    certificates.some(({ authorityKeyIdentifier: asked }, at) => {
      const has = certificates[at + 1]?.subjectKeyIdentifier;
      return asked !== undefined && has !== undefined && !sameBytes(asked, has);
    }),
  'issuer written otherwise': ({ certificates }) =>
    certificates.some(({ issuer }, at) => {
      const above = certificates[at + 1];
      return above !== undefined && !sameBytes(issuer, above.subject);
    }),
  'directory constraint': hasConstraints('directory', () => true),
  'URI constraint': hasConstraints('uri', () => true),
  'URI constraint of a parent domain': hasConstraints('uri', isParent),
  'mailbox constraint of a parent domain': hasConstraints('email', isParent),
  'URI with a user': (draft) => leafOf(draft).names?.uri?.some((uri) => uri.includes('@')) === true,
  'more certificates below than the path length, with self-issued ones': (draft) =>
    draft.certificates.some(({ pathLength }, at) => pathLength !== undefined && at - 1 > pathLength),
  'keys of P-256 and of P-384 under one name': ({ certificates, others }) =>
    [...certificates.slice(1), ...others].some(
      (plan, _, all) =>
        plan.key.type === 'P-256' && all.some((other) => other.key.type === 'P-384' && sameSubject(plan, other)),
    ),
  'issuer sent also in a certificate that is out of time': ({ others }) =>
    others.some(({ notAfter }) => notAfter < moment),
  'two keys under the name of an issuer, and no identifier to tell them apart': ({ certificates, others }) =>
    certificates.some(({ authorityKeyIdentifier: asked }, at) => {
      const above = certificates[at + 1];
      if (above === undefined) return false;
      const namesakes = others.filter((other) => other.key !== above.key && sameSubject(other, above));
      const told =
        asked !== undefined && [above, ...namesakes].every((plan) => plan.subjectKeyIdentifier !== undefined);
      return namesakes.length > 0 && !told;
    }),
};

export function traitsOf(draft: Draft): ReadonlySet<string> {
  return new Set(Object.keys(traits).filter((name) => traits[name]!(draft)));
}

/** "example.test" as a constraint for what lies at a host below it, which is only in ".example.test" (4.2.1.10). */
function isParent(constraint: string): boolean {
  return constraint === 'example.test';
}

function hasConstraints(kind: 'uri' | 'email' | 'directory', matches: (text: string) => boolean) {
  return ({ certificates }: Draft): boolean =>
    certificates.some(({ permitted, excluded }) =>
      [...(permitted?.[kind] ?? []), ...(excluded?.[kind] ?? [])].some((one) =>
        matches(typeof one === 'string' ? one : ''),
      ),
    );
}

function sameSubject(a: CertificatePlan, b: CertificatePlan): boolean {
  return sameBytes(a.subject, b.subject);
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, index) => octet === b[index]);
}
