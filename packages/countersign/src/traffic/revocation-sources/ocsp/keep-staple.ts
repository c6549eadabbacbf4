/** Keeps the OCSP response for one's own certificate at hand, for a server to staple (RFC 6066, 8): fetched ahead of its end, checked before it is given. */
import type { Timer } from '../../../ground/clock/index.ts';
import { toRfc3339 } from '../../../ground/clock/index.ts';
import { equalBytes } from '../../../ground/encoding/index.ts';
import { isRefusal, Refusal } from '../../../ground/errors/index.ts';
import { type Certificate, isKnownAlgorithm, parseCertificate, sameName } from '../../../identity/x509/index.ts';
import { verifySignature } from '../../../runtime/cryptography/index.ts';
import {
  type Credential,
  type CredentialSource,
  MutableSource,
  type Source,
  type StatusEvidence,
} from '../../../runtime/tls/index.ts';
import { askResponder } from './ask-responder.ts';
import { type HeldAnswer, replaces } from './held-answer.ts';
import { type AskingOptions, type AskingSettings, askingSettings } from './ocsp-options.ts';
import { type OcspSubject, subjectOf } from './ocsp-subject.ts';
import { pauseMs } from './responders.ts';
import { retrieveAnswer } from './retrieve-answer.ts';

export interface StapleOptions extends Omit<AskingOptions, 'nonce'> {
  readonly credentials: CredentialSource;
  /** Certificates among which the issuer is looked for where the chain does not hold it, such as the roots of the own bundle. */
  readonly issuers?: () => readonly Certificate[];
}

export interface KeptStaple extends Source<Uint8Array | undefined> {
  evidence(): readonly StatusEvidence[];
  close(): void;
}

/**
 * A response that says "revoked" is stapled as well: who withholds it makes clients that check softly let a revoked server pass. One that says "unknown" is
 * not: it says nothing, as of a certificate that was issued a moment ago, and is asked for again.
 */
export function keepStaple(options: StapleOptions): KeptStaple {
  return new StapleKeeper(options);
}

/** Own choice: an answer is asked for anew this often at least, so that one's own revocation is not hidden for days. */
const mostPauseMs = 3_600_000;

/** How late it is noticed that the wall clock was set on. Own choice. */
const longestSleepMs = 60_000;

const shortestPauseMs = 1_000;

/** From then on that nothing came is told of: a certificate of a moment ago may be unknown to its responder at first. Own choice. */
const failuresToTell = 2;

class StapleKeeper implements KeptStaple {
  readonly #settings: AskingSettings;
  readonly #issuers: () => readonly Certificate[];
  readonly #staple = new MutableSource<Uint8Array | undefined>(undefined);
  readonly #endWatch: () => void;
  #ending = new AbortController();
  #leaf: Uint8Array | undefined;
  #subject: OcspSubject | undefined;
  #held: HeldAnswer | undefined;
  #failure: Refusal | undefined;
  #failures = 0;
  #warned: 'none' | 'soon' | 'stale' | 'status' | undefined;
  /** On the monotonic clock. */
  #fetchAt = 0;
  #isFetching = false;
  #isClosed = false;
  #timer: Timer | undefined;

  constructor({ credentials, issuers = () => [], ...asking }: StapleOptions) {
    this.#settings = askingSettings(asking, asking.retrieve ?? retrieveAnswer);
    this.#issuers = issuers;
    this.#endWatch = credentials.watch((credential) => this.#follow(credential));
    this.#follow(credentials.current());
  }

  current(): Uint8Array | undefined {
    // Timers may come late, after a sleep.
    return this.#isStapled() ? this.#staple.current() : undefined;
  }

  watch(listener: (value: Uint8Array | undefined) => void): () => void {
    return this.#staple.watch(listener);
  }

  evidence(): readonly StatusEvidence[] {
    const subject = this.#subject;
    if (subject === undefined) return [];
    const { clock } = this.#settings;
    const held = this.#held;
    return [
      {
        means: 'staple',
        source: subject.urls[0] ?? 'none',
        issuer: subject.certificate.issuer.text,
        thisUpdate: held?.answer.thisUpdate,
        nextUpdate: held?.answer.nextUpdate,
        freshUntil: held === undefined ? undefined : endOfStaple(held),
        fetchedAt: held?.heldSince,
        nextFetchAt:
          subject.urls.length === 0 ? undefined : clock.now() + Math.max(0, this.#fetchAt - clock.monotonic()),
        failure: this.#failure,
      },
    ];
  }

  close(): void {
    this.#isClosed = true;
    this.#endWatch();
    this.#ending.abort(new Error('closed'));
    this.#timer?.cancel();
  }

  /** A staple is of one certificate: that of another is dropped before the new one is used. */
  #follow({ chain }: Credential): void {
    const [leaf] = chain;
    if (leaf === undefined || (this.#leaf !== undefined && equalBytes(leaf, this.#leaf))) return;
    this.#ending.abort(new Error('another certificate'));
    this.#ending = new AbortController();
    this.#isFetching = false;
    this.#leaf = leaf;
    this.#held = undefined;
    this.#failures = 0;
    this.#fetchAt = 0;
    this.#warned = undefined;
    this.#failure = undefined;
    this.#subject = this.#subjectFrom(chain);
    this.#set(undefined);
    this.#wake();
  }

  #subjectFrom(chain: readonly Uint8Array[]): OcspSubject | undefined {
    try {
      const [leaf, ...above] = chain.map(parseCertificate);
      if (leaf === undefined) return undefined;
      const issuer = [...above, ...this.#issuers()].find((one) => isIssuedBy(leaf, one));
      if (issuer === undefined) return undefined;
      const subject = subjectOf(leaf, { above: [issuer], anchor: issuer, trustDomain: '' }, this.#settings.responder);
      return subject.exempt ? { ...subject, urls: [] } : subject;
    } catch (error) {
      if (isRefusal(error)) return undefined;
      throw error;
    }
  }

  #wake(): void {
    if (this.#isClosed) return;
    const { clock } = this.#settings;
    if (!this.#isStapled() && this.#staple.current() !== undefined) this.#set(undefined);
    this.#warn();
    const subject = this.#subject;
    const url = subject?.urls[this.#failures % (subject.urls.length || 1)];
    if (subject === undefined || url === undefined) return;
    const hasEnded = this.#held !== undefined && clock.now() > endOfStaple(this.#held);
    const isDue = clock.monotonic() >= this.#fetchAt || (hasEnded && this.#failures === 0);
    if (isDue && !this.#isFetching) void this.#fetch(url, subject, this.#ending.signal);
    this.#arm();
  }

  #arm(): void {
    this.#timer?.cancel();
    const { clock } = this.#settings;
    const moments = [longestSleepMs];
    if (!this.#isFetching) moments.push(Math.max(1, this.#fetchAt - clock.monotonic()));
    if (this.#held !== undefined) moments.push(endOfStaple(this.#held) + 1 - clock.now());
    const next = Math.min(...moments.filter((ms) => ms > 0));
    this.#timer = clock.after(next, () => this.#wake(), { unref: true });
  }

  async #fetch(url: string, subject: OcspSubject, signal: AbortSignal): Promise<void> {
    this.#isFetching = true;
    const asked = await askResponder(url, subject, this.#settings, signal);
    // Of another certificate than is in use by now.
    if (signal.aborted) return;
    this.#isFetching = false;
    if (asked.kind === 'failed') this.#failed(asked.refusal);
    else if (asked.held.answer.status === 'unknown') this.#failed(asked.held.answer.refusal);
    else this.#take(asked.held);
    this.#wake();
  }

  #take(held: HeldAnswer): void {
    const { clock, random } = this.#settings;
    this.#failures = 0;
    this.#failure = undefined;
    if (replaces(held, this.#held, clock.now())) {
      this.#held = held;
      this.#set(this.#isStapled() ? held.bytes : undefined);
      if (this.#warned !== 'status' || held.answer.status === 'good') this.#warned = undefined;
    }
    const left = Math.min(mostPauseMs, Math.max(0, endOfStaple(this.#held ?? held) - clock.now()));
    this.#fetchAt = clock.monotonic() + Math.max(shortestPauseMs, left * (0.5 + random() / 4));
  }

  #failed(refusal: Refusal): void {
    const { clock, random } = this.#settings;
    this.#failures++;
    this.#failure = refusal;
    this.#fetchAt = clock.monotonic() + pauseMs(this.#failures, random);
  }

  #isStapled(): boolean {
    const now = this.#settings.clock.now();
    return this.#held !== undefined && this.#held.answer.thisUpdate <= now && now <= endOfStaple(this.#held);
  }

  /** Once for each degree: that there is none, that it is about to run out, that it did, that one's own certificate is revoked. */
  #warn(): void {
    const { clock, onWarning } = this.#settings;
    const [held, subject] = [this.#held, this.#subject];
    if (held === undefined || subject === undefined) {
      this.#warnOfNone();
      return;
    }
    const { serialNumber: serial } = subject.certificate;
    const [url, freshUntil] = [subject.urls[0] ?? 'none', toRfc3339(endOfStaple(held))];
    if (held.answer.status === 'revoked') {
      if (this.#warned === 'status') return;
      this.#warned = 'status';
      onWarning(new Refusal('CS-OCSP-027', { serial, url, revokedAt: toRfc3339(held.answer.revokedAt) }));
      return;
    }
    const third = (endOfStaple(held) - held.heldSince) / 3;
    const left = endOfStaple(held) - clock.now();
    const degree = left < 0 ? 'stale' : 'soon';
    if (this.#failure === undefined || left > third || this.#warned === 'stale' || this.#warned === degree) return;
    this.#warned = degree;
    onWarning(new Refusal('CS-OCSP-024', { url, serial, freshUntil, why: this.#failure.message }));
  }

  #warnOfNone(): void {
    const why = this.#whyNone();
    if (why === undefined || this.#warned === 'none') return;
    this.#warned = 'none';
    const { certificate, urls } = this.#subject ?? {};
    const [serial, url] = [certificate?.serialNumber ?? 'not known', urls?.[0] ?? 'none'];
    this.#settings.onWarning(new Refusal('CS-OCSP-028', { serial, url, why }));
  }

  #whyNone(): string | undefined {
    const subject = this.#subject;
    if (subject === undefined) return 'the issuer of the certificate is not known here';
    if (subject.exempt) return 'nothing is published of its revocation (noRevAvail)';
    if (subject.urls.length === 0) return 'the certificate names no responder';
    return this.#failures >= failuresToTell ? this.#failure?.message : undefined;
  }

  #set(staple: Uint8Array | undefined): void {
    if (this.#staple.current() === staple) return;
    try {
      this.#staple.set(staple);
    } catch (error) {
      // A watcher's mistake is heard of, and stops nothing here.
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}

/** Without tolerance: who gets it may have none. */
function endOfStaple({ answer, end }: HeldAnswer): number {
  return Math.min(answer.freshUntil, end);
}

function isIssuedBy(leaf: Certificate, issuer: Certificate): boolean {
  if (!sameName(leaf.issuer, issuer.subject) || !isKnownAlgorithm(leaf.signatureAlgorithm)) return false;
  return verifySignature(issuer.publicKey, leaf.signatureAlgorithm, leaf.tbs, leaf.signature);
}
