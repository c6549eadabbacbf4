/** The responder as the authority runs it: it begins with the first listener that publishes, and its certificate is issued then. */
import { parseCertificate } from '../../../identity/x509/index.ts';
import { certIdHash } from '../../../runtime/cryptography/index.ts';
import type { Credential } from '../../../runtime/tls/index.ts';
import type { Source } from '../../../runtime/tls/index.ts';
import type { AuthoritySettings } from '../settings/authority-settings.ts';
import { type Authority, ocspSigningProfile } from '../../authority/index.ts';
import {
  type Allowance,
  allowance,
  OcspResponder,
  type ResponderKey,
  type SigningAhead,
  signAhead,
} from '../../ocsp/index.ts';
import { keepOwnCertificate, type OwnCertificate } from '../own-certificate.ts';
import type { ServerParts } from '../server-parts.ts';
import { ocspRules } from '../settings/publishing-settings.ts';
import { type OcspCounts, ocspCounts, ocspRoute } from './ocsp-route.ts';
import type { PublishedRoute } from './published-route.ts';
import type { RootAnswers } from './root-answers.ts';

export interface PublishedOcsp {
  readonly route: PublishedRoute;
  /** How often each kind was answered since the start. */
  readonly counts: Readonly<OcspCounts>;
  /** Answers that are signed ahead, of all issuers. */
  kept(): number;
  close(): void;
}

export interface PublishOcspOptions {
  readonly parts: Pick<ServerParts, 'authority' | 'clock' | 'log' | 'inventory' | 'feed'>;
  /** Of issuers that were replaced. */
  readonly retired: readonly Authority[];
  readonly settings: Source<AuthoritySettings>;
  /** Of the own hierarchy: what it says of its issuers is handed out where it was signed and put there. */
  readonly root: RootAnswers;
  /** Told of its certificate, which must be replaced where it is revoked. */
  readonly began: (own: OwnCertificate) => void;
}

export function publishOcsp(options: PublishOcspOptions): PublishedOcsp {
  let begun: Promise<void> | undefined;
  const running: Begun[] = [];
  let answering: Pick<OcspResponder, 'answer'> | undefined;
  const beginAll = async (): Promise<void> => {
    const { parts, retired } = options;
    const limit = allowance(parts.clock);
    // The one that signs now last: what is told of the certificates of responders is told of its own.
    for (const authority of [...retired, parts.authority]) running.push(await begin(options, authority, limit));
    answering = together([...running.map(({ responder }) => responder).reverse(), options.root]);
  };
  const close = (): void => {
    for (const { ahead, own } of running.splice(0)) {
      ahead.close();
      own.close();
    }
  };
  const ready = async (): Promise<void> => {
    begun ??= beginAll();
    await begun.catch((error: unknown) => {
      begun = undefined;
      close();
      throw error;
    });
  };
  const counts = ocspCounts();
  return {
    route: { ...ocspRoute(() => answering, counts), ready },
    counts,
    kept: () => running.reduce((sum, { responder }) => sum + responder.kept, 0),
    close,
  };
}

/** Each speaks for its own issuer alone; of a request about several issuers' certificates the first says that nobody does. */
function together(
  responders: readonly Pick<OcspResponder, 'answer' | 'speaksFor'>[],
): Pick<OcspResponder, 'answer'> | undefined {
  const [first] = responders;
  if (first === undefined) return undefined;
  return {
    answer: (request) => (responders.find((responder) => responder.speaksFor(request)) ?? first).answer(request),
  };
}

interface Begun {
  readonly own: OwnCertificate;
  readonly responder: OcspResponder;
  readonly ahead: SigningAhead;
}

async function begin(
  { parts, settings, began }: PublishOcspOptions,
  authority: Authority,
  limit: Allowance,
): Promise<Begun> {
  const { clock, log, inventory, feed } = parts;
  const { certificate: issuer, issuerKey } = authority.keys.issuer;
  const own = await keepOwnCertificate({
    authority,
    profile: ocspSigningProfile,
    names: [`spiffe://${authority.trustDomain}/countersign/ocsp`],
    clock,
    log,
  });
  began(own);
  const responder = new OcspResponder({
    issuer,
    issuerKey,
    key: keyOf(own.credential),
    inventory,
    revocations: () => feed.revocations.current(),
    rules: () => ocspRules(settings.current().publishing),
    allowance: limit,
    clock,
  });
  const failed = (error: unknown): void => {
    log({ event: 'failed', what: 'signing OCSP answers ahead', why: String(error) });
  };
  return { own, responder, ahead: signAhead({ responder, inventory, issuerKey, clock, failed }) };
}

/** Made once for each credential, and so the same one as long as that is. */
function keyOf(credential: Source<Credential>): () => ResponderKey {
  let made: { readonly of: Credential; readonly key: ResponderKey } | undefined;
  return () => {
    const of = credential.current();
    if (made?.of !== of) made = { of, key: responderKey(of) };
    return made.key;
  };
}

function responderKey({ chain, privateKey }: Credential): ResponderKey {
  const [certificate = new Uint8Array()] = chain;
  return {
    certificate,
    notAfterMs: parseCertificate(certificate).notAfter,
    keyHash: certIdHash('SHA-1', privateKey.publicKey.key),
    algorithm: privateKey.signatureAlgorithm,
    sign: (data) => privateKey.sign(data),
  };
}
