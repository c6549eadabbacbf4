/** A certificate of the authority's own, kept fresh: the key is made anew each time, lives in memory alone, and dies with the process. */
import type { Clock, Timer } from '../../ground/clock/index.ts';
import { generatePrivateKey } from '../../runtime/cryptography/index.ts';
import { type Credential, MutableSource, type Source } from '../../runtime/tls/index.ts';
import { type Authority, issuerChain, type IssuedCertificate, type Profile } from '../authority/index.ts';
import type { ServerLog } from './server-event.ts';

export interface OwnCertificate {
  readonly credential: Source<Credential>;
  /** Its profile's name. */
  readonly profile: string;
  readonly serialNumber: string;
  readonly notAfterMs: number;
  /** Replaces it now: for one that was revoked. */
  replace(): Promise<void>;
  close(): void;
}

export interface OwnCertificateOptions {
  readonly authority: Authority;
  readonly profile: Profile;
  readonly names: readonly string[];
  /** Default the profile's. */
  readonly lifeMs?: number | undefined;
  readonly clock: Clock;
  readonly log: ServerLog;
}

/** How often the wall clock is looked at: a machine that slept past the half of the life notices within this. A part of the life, where that is less. */
const longestLookMs = 30_000;
const looksALife = 20;

export async function keepOwnCertificate(options: OwnCertificateOptions): Promise<OwnCertificate> {
  const { clock, profile } = options;
  let held = await issueOwn(options);
  const source = new MutableSource(held.credential);
  let timer: Timer | undefined;
  let closed = false;

  const replace = async (): Promise<void> => {
    const next = await issueOwn(options);
    if (closed) return;
    held = next;
    source.set(held.credential);
  };
  const look = async (): Promise<void> => {
    try {
      if (clock.now() >= renewalDue(held.certificate)) await replace();
    } catch (error) {
      options.log({
        event: 'failed',
        what: `renewing the authority's own certificate (${profile.name})`,
        why: String(error),
      });
    }
    arm();
  };
  const arm = (): void => {
    if (closed) return;
    const { notAfterMs, issuedAtMs } = held.certificate;
    const lookMs = Math.min(longestLookMs, (notAfterMs - issuedAtMs) / looksALife);
    timer = clock.after(lookMs, () => void look(), { unref: true });
  };
  arm();

  return {
    credential: source,
    profile: profile.name,
    get serialNumber() {
      return held.certificate.serialNumber;
    },
    get notAfterMs() {
      return held.certificate.notAfterMs;
    },
    replace,
    close: () => {
      closed = true;
      timer?.cancel();
    },
  };
}

/** At half of the life, as everybody renews. */
function renewalDue({ issuedAtMs, notAfterMs }: IssuedCertificate): number {
  return issuedAtMs + (notAfterMs - issuedAtMs) / 2;
}

async function issueOwn(
  options: OwnCertificateOptions,
): Promise<{ credential: Credential; certificate: IssuedCertificate }> {
  const { authority, profile, names, lifeMs, log } = options;
  const privateKey = generatePrivateKey('P-256');
  const certificate = await authority.issue({
    profile,
    names,
    publicKey: privateKey.publicKey.raw,
    lifeMs,
    origin: `own:${profile.name}`,
  });
  const { serialNumber: serial, notAfterMs } = certificate;
  log({ event: 'own-certificate', profile: profile.name, serial, notAfterMs });
  return {
    credential: {
      chain: [certificate.certificate, ...issuerChain(authority.keys).map(({ raw }) => raw)],
      privateKey,
    },
    certificate,
  };
}
