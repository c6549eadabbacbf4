/** What the check endpoint says of a certificate: whether it would be let in, as whom, and if not exactly why. Data alone: no peer comes of it. */
import { toRfc3339 } from '../../ground/clock/index.ts';
import { entryOf, Refusal } from '../../ground/errors/index.ts';
import { clientUseOf, type PartnerSet } from '../../identity/partners/index.ts';
import { inspectCertificate } from '../../identity/x509/index.ts';
import type { VerifiedPeer } from '../../runtime/tls/index.ts';

export type Verdict =
  | {
      readonly accepted: true;
      readonly identity: string;
      /** Where partners are known and it is one of them. */
      readonly partner?: string;
      readonly serial: string;
      readonly notAfter: string;
    }
  | {
      readonly accepted: false;
      readonly code: string;
      readonly because: string;
      readonly evidence: Refusal['evidence'];
      readonly remedy: string;
    };

/** @param certificate DER, where one was presented */
export function refusedVerdict(refusal: Refusal, certificate?: Uint8Array): Verdict {
  const { code, evidence, remedy, title } = refusal;
  const more = certificate === undefined ? undefined : publicAuthorityWords(certificate);
  const because = `${title}: ${entryOf(code).cause}`;
  return { accepted: false, code, because: more === undefined ? because : `${because} ${more}`, evidence, remedy };
}

/** @throws CS-PARTNER-003, -006 where it is several partners, or a suspended one */
export function acceptedVerdict(peer: VerifiedPeer, partners: PartnerSet | undefined): Verdict {
  const partner = partners?.partnerOf(peer);
  if (partner?.state === 'suspended')
    throw new Refusal('CS-PARTNER-006', { partner: partner.name, reason: 'not said here' });
  return {
    accepted: true,
    identity: peer.name,
    ...(partner === undefined ? {} : { partner: partner.name }),
    serial: peer.serialNumber,
    notAfter: toRfc3339(peer.notAfter),
  };
}

function publicAuthorityWords(der: Uint8Array): string | undefined {
  try {
    const use = clientUseOf(inspectCertificate(der));
    if (use === 'private') return undefined;
    return 'It comes from a public authority; these stopped certifying clients in 2026.';
  } catch {
    // What can not be read says nothing more.
    return undefined;
  }
}
