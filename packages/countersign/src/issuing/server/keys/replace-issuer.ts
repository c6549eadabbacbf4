/** A new issuer for an authority that runs: examined, agreed to by two persons where two are the rule, written beside the keys in use, and used from the next start on. */
import { toRfc3339 } from '../../../ground/clock/index.ts';
import { encodePem, parsePem } from '../../../ground/encoding/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import { type Certificate, parseCertificate, readCertificatesPem } from '../../../identity/x509/index.ts';
import type { ReplaceIssuerRequest, ReplaceIssuerResponse } from '../../../runtime/api/index.ts';
import { auditEvent } from '../../../runtime/audit/index.ts';
import { sha256Hex } from '../../../runtime/cryptography/index.ts';
import type { AdministratorCaller } from '../access/caller.ts';
import type { Asked, NamedOperation } from '../approval/proposals.ts';
import type { ServerParts } from '../server-parts.ts';
import { turns } from '../turns.ts';
import { type IssuerPlan, planIssuer } from './accept-issuer.ts';
import { issuerRole } from './require-one-person.ts';

/** Exactly what will be handed out; the key is the one that these are for. */
interface Content {
  /** PEM, the issuer's own first. */
  readonly chain: string;
  /** SHA-256 of the root. */
  readonly anchor: string;
}

type Parts = Pick<ServerParts, 'keyPlace' | 'authority' | 'audit' | 'clock' | 'proposals'>;

/** To be called once: it registers what takes two persons. */
export function issuerReplacement(
  parts: Parts,
): (request: ReplaceIssuerRequest, caller: AdministratorCaller) => Promise<ReplaceIssuerResponse> {
  const operation = replacement(parts);
  parts.proposals.register(operation);
  return async ({ certificates, anchor }, caller) => {
    const plan = await planned(parts, readCertificatesPem(certificates), anchor);
    const asked = askedFor(parts, plan);
    const leave = await parts.proposals.require(operation, asked, caller);
    if (leave === 'go') await operation.execute(asked.content, caller.actor);
    const { trustDomain, warnings } = plan;
    return {
      ...{ trustDomain, chain: asked.content.chain, anchor: pem([plan.anchor]), warnings: [...warnings] },
      ...(leave !== 'go' && { proposal: leave }),
    };
  };
}

function replacement(parts: Parts): NamedOperation<Content> {
  const one = turns();
  return {
    name: 'issuer.replace',
    // Each exchanges the folder of keys as a whole.
    execute: (content, actor) =>
      one.take(async () => {
        const { audit, clock } = parts;
        // Everything is examined again: a day may have passed, and the key that waited may be another by now.
        const plan = await planned(parts, readCertificatesPem(content.chain));
        const facts = rotationFacts(plan);
        if (facts.anchor !== content.anchor)
          throw new Refusal('CS-ISSUER-010', { found: content.anchor, root: facts.anchor });
        // As an intent: what is in the log and was not done harms nobody.
        await audit.append([auditEvent('issuer.rotate', { atMs: clock.now(), actor, facts })]);
        await plan.accept(undefined);
        return { issuer: facts.issuer, takesEffect: 'from the next start of the authority on' };
      }),
  };
}

function planned(
  { keyPlace, clock }: Parts,
  certificates: readonly Certificate[],
  anchor?: string,
): Promise<IssuerPlan> {
  return planIssuer({ ...keyPlace, certificates, anchor: anchor === undefined ? undefined : onlyOne(anchor), clock });
}

function onlyOne(text: string): Certificate {
  const [block, ...others] = parsePem(text);
  if (block?.label === 'CERTIFICATE' && others.length === 0) return parseCertificate(block.bytes);
  throw new Refusal('CS-PEM-002', {
    expected: 'one CERTIFICATE, the root',
    found: [block, ...others].map((other) => other?.label ?? '').join(', '),
  });
}

function askedFor({ authority }: Parts, plan: IssuerPlan): Asked<Content> {
  const { issuer, above, anchor, warnings } = plan;
  const content = { chain: pem([issuer, ...above]), anchor: sha256Hex(anchor.raw) };
  const now = authority.keys.issuer.certificate;
  const what = [
    `the issuer becomes ${issuer.subject.text}, until ${toRfc3339(issuer.notAfter)}: certificate ${sha256Hex(issuer.raw)}`,
    `its key, which waits where the authority is: ${sha256Hex(issuer.publicKey.raw)}`,
    ...above.map(({ subject, raw }) => `above it: ${subject.text}, certificate ${sha256Hex(raw)}`),
    `in the place of ${now.subject.text}, certificate ${sha256Hex(now.raw)}, whose key signs only revocation lists and OCSP answers from then on`,
    'the authority uses it from its next start on, and every endpoint trusts what it signs',
    ...warnings,
  ];
  return { content, roles: [issuerRole], what };
}

/** What the audit log is told of an issuer that is taken in. */
export function rotationFacts({ issuer, anchor }: Pick<IssuerPlan, 'issuer' | 'anchor'>): {
  readonly issuer: string;
  readonly anchor: string;
  readonly notAfter: string;
} {
  return { issuer: sha256Hex(issuer.raw), anchor: sha256Hex(anchor.raw), notAfter: toRfc3339(issuer.notAfter) };
}

function pem(certificates: readonly Certificate[]): string {
  return certificates.map(({ raw }) => encodePem('CERTIFICATE', raw)).join('');
}
