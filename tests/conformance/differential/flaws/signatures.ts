/** Signatures that are none, or too weak. */
import { type PlannedKey, soundAlgorithms } from '../../../fixtures/planned-certificates.ts';
import type { Draft } from '../draft.ts';
import { changed, type Flaw, issued } from './flaw.ts';

export function signatureFlaws(): Flaw[] {
  const clause = 'RFC 5280 6.1.3 (a) (1)';
  const withBit = (bytes: Uint8Array, at: number): Uint8Array => bytes.with(at, bytes[at]! ^ 1);
  return [
    {
      name: 'signature changed',
      clause,
      apply: (draft) =>
        changed(issued(draft), (plan) => (plan.changeSignature = (octets) => withBit(octets, octets.length - 5))),
    },
    {
      name: 'signed with another key',
      clause,
      apply: (draft) => {
        const plan = issued(draft);
        const { ofType, stranger } = draft.keys;
        const { type } = plan.signer;
        // The key of a namesake would be no other.
        const free = [...ofType[type], stranger[type]].filter((key) => !inUse(draft).has(key));
        if (free.length === 0) return undefined;
        return changed(plan, () => (plan.signer = draft.random.pick(free)));
      },
    },
    {
      name: 'signed with a key of another type',
      clause,
      apply: (draft) =>
        changed(issued(draft), (plan) => {
          const types = (['P-256', 'Ed25519', 'RSA'] as const).filter((type) => type !== plan.signer.type);
          const keys = types.flatMap((type) => draft.keys.ofType[type]).filter((key) => !inUse(draft).has(key));
          plan.signer = draft.random.pick(keys);
          plan.algorithm = draft.random.pick(soundAlgorithms[plan.signer.type]);
        }),
    },
    {
      name: 'another algorithm outside of what is signed',
      clause: 'RFC 5280 4.1.1.2',
      encoding: true,
      apply: (draft) =>
        changed(issued(draft), (plan) => {
          const others = (['ecdsa-sha256', 'ecdsa-sha384', 'rsa-sha256', 'rsa-sha384', 'ed25519'] as const).filter(
            (name) => name !== plan.algorithm,
          );
          plan.outerAlgorithm = draft.random.pick(others);
        }),
    },
    {
      name: 'SHA-1',
      clause: 'NIST SP 800-131A 3; own rule',
      apply: (draft) => {
        const plans = draft.certificates.slice(0, -1).filter(({ signer }) => signer.type !== 'Ed25519');
        if (plans.length === 0) return undefined;
        return changed(
          draft.random.pick(plans),
          (plan) => (plan.algorithm = plan.signer.type === 'RSA' ? 'rsa-sha1' : 'ecdsa-sha1'),
        );
      },
    },
    {
      name: 'RSA key of 1024 bits',
      clause: 'NIST SP 800-131A 3; own rule',
      apply: (draft) => {
        const { certificates, keys, random } = draft;
        const at = random.number(certificates.length);
        const plan = certificates[at]!;
        if (draft.others.length > 0) return undefined;
        plan.key = keys.rsa1024;
        if (plan.subjectKeyIdentifier !== undefined) plan.subjectKeyIdentifier = keys.rsa1024.identifier;
        const below = at === 0 ? undefined : certificates[at - 1];
        for (const signed of [below, at === certificates.length - 1 ? plan : undefined]) {
          if (signed === undefined) continue;
          signed.signer = keys.rsa1024;
          signed.algorithm = 'rsa-sha256';
          if (signed.authorityKeyIdentifier !== undefined) signed.authorityKeyIdentifier = keys.rsa1024.identifier;
        }
        return plan;
      },
    },
    {
      name: 'PSS with a salt of another length than its hash',
      clause: 'RFC 4055 3.1 (SHOULD); own rule',
      apply: (draft) => {
        const plans = draft.certificates.slice(0, -1).filter(({ signer }) => signer.type === 'RSA');
        if (plans.length === 0) return undefined;
        return changed(draft.random.pick(plans), (plan) => (plan.algorithm = 'pss-sha256-salt-20'));
      },
    },
  ];
}

function inUse({ certificates, others }: Draft): ReadonlySet<PlannedKey> {
  return new Set([...certificates, ...others].map(({ key }) => key));
}
