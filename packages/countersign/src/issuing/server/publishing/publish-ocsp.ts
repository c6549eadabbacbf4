/** The responder as the authority runs it: it begins with the first listener that publishes, and its certificate is issued then. */
import { parseCertificate } from '../../../identity/x509/index.ts';
import { certIdHash } from '../../../runtime/cryptography/index.ts';
import type { Credential } from '../../../runtime/tls/index.ts';
import type { Source } from '../../../runtime/tls/index.ts';
import type { AuthoritySettings } from '../settings/authority-settings.ts';
import { ocspSigningProfile } from '../../authority/index.ts';
import { allowance, OcspResponder, type ResponderKey, type SigningAhead, signAhead } from '../../ocsp/index.ts';
import { keepOwnCertificate, type OwnCertificate } from '../own-certificate.ts';
import type { ServerParts } from '../server-parts.ts';
import { ocspRules } from '../settings/publishing-settings.ts';
import { ocspRoute } from './ocsp-route.ts';
import type { PublishedRoute } from './published-route.ts';

export interface PublishedOcsp {
  readonly route: PublishedRoute;
  close(): void;
}

export interface PublishOcspOptions {
  readonly parts: Pick<ServerParts, 'authority' | 'clock' | 'log' | 'inventory' | 'feed'>;
  readonly settings: Source<AuthoritySettings>;
  /** Told of its certificate, which must be replaced where it is revoked. */
  readonly began: (own: OwnCertificate) => void;
}

export function publishOcsp(options: PublishOcspOptions): PublishedOcsp {
  let begun: Promise<Begun> | undefined;
  let running: Begun | undefined;
  const ready = async (): Promise<void> => {
    begun ??= begin(options).then((responding) => (running = responding));
    await begun.catch((error: unknown) => {
      begun = undefined;
      throw error;
    });
  };
  return {
    route: { ...ocspRoute(() => running?.responder), ready },
    close: () => {
      running?.ahead.close();
      running?.own.close();
    },
  };
}

interface Begun {
  readonly own: OwnCertificate;
  readonly responder: OcspResponder;
  readonly ahead: SigningAhead;
}

async function begin({ parts, settings, began }: PublishOcspOptions): Promise<Begun> {
  const { authority, clock, log, inventory, feed } = parts;
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
    allowance: allowance(clock),
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
