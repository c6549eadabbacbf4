/** What OCSP says of a peer's certificates: from what was fetched ahead, from what the peer stapled, and fetched where that is not enough. */
import { toRfc3339 } from '../../../ground/clock/index.ts';
import { equalBytes } from '../../../ground/encoding/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import type { OcspResponder } from '../../../identity/revocation/index.ts';
import { type Certificate, naming } from '../../../identity/x509/index.ts';
import type {
  CertificateStatus,
  StatusChange,
  StatusCheck,
  StatusEvidence,
  StatusQuestion,
} from '../../../runtime/tls/index.ts';
import type { CacheEntry } from './answer-cache.ts';
import { AnswerKeeper } from './answer-keeper.ts';
import { type AnswerFault, type HeldAnswer, isFault, judgeAnswer, timeFault, untimely } from './held-answer.ts';
import { evidenceOf } from './ocsp-evidence.ts';
import type { OcspSettings } from './ocsp-options.ts';
import { type OcspSubject, subjectOf, subjectsOf } from './ocsp-subject.ts';

const goodForever: CertificateStatus = { status: 'good', freshUntil: Number.POSITIVE_INFINITY };
const notCovered: CertificateStatus = { status: 'notCovered' };

export class OcspCheck implements StatusCheck {
  readonly #settings: OcspSettings;
  readonly #keeper: AnswerKeeper;
  readonly #endWatch: (() => void) | undefined;
  readonly #responderListeners = new Set<(change: StatusChange) => void>();

  constructor(settings: OcspSettings) {
    this.#settings = settings;
    this.#keeper = new AnswerKeeper(settings);
    // What another means says of responders' certificates decides what their answers are worth.
    this.#endWatch = settings.responderChecks?.watch((change) => {
      for (const listener of [...this.#responderListeners]) listener(widened(change));
    });
  }

  ask({ path, trustDomain, at, staple }: StatusQuestion): readonly CertificateStatus[] {
    return subjectsOf(path, trustDomain, this.#settings.responder).map((subject, index) =>
      this.#isInScope(subject) ? this.#statusOf(subject, at, index === 0 ? staple : undefined, false) : notCovered,
    );
  }

  fetchFor({ path, trustDomain, at, staple }: StatusQuestion, signal: AbortSignal): Promise<void> | undefined {
    if (signal.aborted) return undefined;
    const fetches = subjectsOf(path, trustDomain, this.#settings.responder).flatMap((subject, index) => {
      if (!this.#isInScope(subject)) return [];
      return this.#fetchNeeded(subject, at, index === 0 ? staple : undefined, signal) ?? [];
    });
    if (fetches.length === 0) return undefined;
    return unlessAborted(Promise.all(fetches), signal);
  }

  watch(listener: (change: StatusChange) => void): () => void {
    const own = (change: StatusChange): void => listener(change);
    this.#responderListeners.add(own);
    const end = this.#keeper.watch(own);
    return () => {
      this.#responderListeners.delete(own);
      end();
    };
  }

  evidence(): readonly StatusEvidence[] {
    return evidenceOf(this.#keeper.entries(), this.#settings.clock);
  }

  close(): void {
    this.#endWatch?.();
    this.#keeper.close();
  }

  #isInScope({ trustDomain, issuerKey }: OcspSubject): boolean {
    const { trustDomains, issuers } = this.#settings.scope ?? {};
    return (trustDomains?.includes(trustDomain) ?? true) && (issuers?.includes(issuerKey) ?? true);
  }

  #statusOf(subject: OcspSubject, at: number, staple: Uint8Array | undefined, ofResponder: boolean): CertificateStatus {
    if (subject.exempt) return goodForever;
    if (subject.fault !== undefined) return { status: 'undetermined', refusal: subject.fault };
    const entry = this.#entryFor(subject, staple, ofResponder);
    if (entry === undefined) return this.#withoutResponder(subject);
    const fault = staple === undefined ? undefined : this.#consider(entry, staple, at);
    const status = this.#decide(entry, at, fault);
    if (status.status !== 'undetermined' || subject.urls.length > 0 || status.lastKnown === 'revoked') return status;
    if (entry.held === undefined) this.#keeper.drop(entry);
    // Who could as well have stapled nothing gains and loses nothing by a staple that is no use.
    return entry.held === undefined || isOver(entry.held, at) ? this.#withoutResponder(subject) : status;
  }

  #entryFor(subject: OcspSubject, staple: Uint8Array | undefined, ofResponder: boolean): CacheEntry | undefined {
    const known = this.#keeper.find(subject, ofResponder);
    if (known !== undefined || (subject.urls.length === 0 && staple === undefined)) return known;
    return this.#keeper.add(subject, ofResponder);
  }

  #withoutResponder({ certificate }: OcspSubject): CertificateStatus {
    if (!this.#settings.requireResponder) return notCovered;
    const { serialNumber: serial } = certificate;
    return {
      status: 'undetermined',
      refusal: new Refusal('CS-OCSP-023', { subject: naming(certificate), serial }),
    };
  }

  /** What is wrong with it; a good one is remembered as if it had been fetched. */
  #consider(entry: CacheEntry, staple: Uint8Array, at: number): AnswerFault | undefined {
    if (entry.held !== undefined && equalBytes(entry.held.bytes, staple)) return undefined;
    const judged = judgeAnswer(staple, entry.subject, { means: 'staple', source: 'staple', at }, this.#settings);
    if (isFault(judged)) return judged;
    this.#keeper.take(entry, judged, true);
    return undefined;
  }

  #decide(entry: CacheEntry, at: number, staple: AnswerFault | undefined): CertificateStatus {
    const { held, saidRevoked } = entry;
    const rule = held === undefined ? undefined : timeFault(held, at, this.#settings.toleranceMs);
    if (held !== undefined && rule === undefined) return this.#said(entry, held, at);
    const wasRevoked = held?.answer.status === 'revoked' || saidRevoked || staple?.saysRevoked === true;
    return {
      status: 'undetermined',
      refusal: whyNot(entry, at, rule, staple),
      ...(wasRevoked ? { lastKnown: 'revoked' } : {}),
    };
  }

  #said(entry: CacheEntry, held: HeldAnswer, at: number): CertificateStatus {
    const { answer, end } = held;
    const responder = this.#responderStatus(entry, answer.responder, at);
    if (responder.status === 'undetermined') {
      return answer.status === 'revoked' ? { ...responder, lastKnown: 'revoked' } : responder;
    }
    switch (answer.status) {
      case 'good':
        return { status: 'good', freshUntil: Math.min(end, responder.freshUntil) };
      // Never issued, as far as its own authority's responder knows: no other means makes up for that.
      case 'unknown':
        return { status: 'revoked', refusal: answer.refusal };
      case 'revoked':
        return { status: 'revoked', refusal: revokedRefusal(entry.subject.certificate, answer) };
    }
  }

  /** Whether the one who signed is himself good, where his issuer wants that looked up (RFC 6960, 4.2.2.2.1). */
  #responderStatus(
    entry: CacheEntry,
    responder: OcspResponder,
    at: number,
  ): Extract<CertificateStatus, { readonly status: 'good' | 'undetermined' }> {
    if (!mustBeChecked(responder)) return { status: 'good', freshUntil: Number.POSITIVE_INFINITY };
    const not = (why: string): { status: 'undetermined'; refusal: Refusal } => ({
      status: 'undetermined',
      refusal: new Refusal('CS-OCSP-022', {
        serial: entry.subject.certificate.serialNumber,
        responder: naming(responder.certificate),
        why,
      }),
    });
    // Who vouches for himself, or for another in a row without end, vouches for nobody.
    if (entry.ofResponder) return not('a responder that must itself be looked up answers for it');
    const { responderChecks } = this.#settings;
    const subject = this.#subjectOfResponder(entry, responder.certificate);
    const status =
      responderChecks === undefined
        ? this.#statusOf(subject, at, undefined, true)
        : (responderChecks.ask(questionAbout(subject, at))[0] ?? notCovered);
    if (status.status === 'good') return status;
    return not(status.status === 'notCovered' ? 'nothing says whether it is revoked' : status.refusal.message);
  }

  #subjectOfResponder({ subject }: CacheEntry, certificate: Certificate): OcspSubject {
    return subjectOf(certificate, subject, this.#settings.responder);
  }

  #fetchNeeded(
    subject: OcspSubject,
    at: number,
    staple: Uint8Array | undefined,
    signal: AbortSignal,
  ): Promise<unknown> | undefined {
    if (subject.exempt || subject.fault !== undefined) return undefined;
    const entry = this.#entryFor(subject, staple, false);
    if (entry === undefined) return undefined;
    if (staple !== undefined) this.#consider(entry, staple, at);
    if (this.#isInTime(entry, at)) return this.#fetchResponder(entry, at, signal);
    return this.#keeper.fetch(entry)?.then(() => {
      const { clock } = this.#settings;
      return this.#isInTime(entry, clock.now()) ? this.#fetchResponder(entry, clock.now(), signal) : undefined;
    });
  }

  #fetchResponder(entry: CacheEntry, at: number, signal: AbortSignal): Promise<void> | undefined {
    const responder = entry.held?.answer.responder;
    if (responder === undefined || !mustBeChecked(responder)) return undefined;
    const subject = this.#subjectOfResponder(entry, responder.certificate);
    const { responderChecks } = this.#settings;
    if (responderChecks !== undefined) {
      const question = questionAbout(subject, at);
      const isKnown = responderChecks.ask(question)[0]?.status !== 'undetermined';
      return isKnown ? undefined : responderChecks.fetchFor(question, signal);
    }
    if (subject.exempt || subject.fault !== undefined) return undefined;
    const own = this.#entryFor(subject, undefined, true);
    return own === undefined || this.#isInTime(own, at) ? undefined : this.#keeper.fetch(own);
  }

  #isInTime({ held }: CacheEntry, at: number): boolean {
    return held !== undefined && timeFault(held, at, this.#settings.toleranceMs) === undefined;
  }
}

function mustBeChecked(responder: OcspResponder): responder is Extract<OcspResponder, { readonly kind: 'delegated' }> {
  return responder.kind === 'delegated' && responder.mustBeChecked;
}

function isOver({ end }: HeldAnswer, at: number): boolean {
  return at > end;
}

function questionAbout({ certificate, above, anchor, trustDomain }: OcspSubject, at: number): StatusQuestion {
  return { path: { certificates: [certificate, ...above], anchor }, trustDomain, at };
}

/** Of a responder's certificate; who relies on what it signed are others of the same issuer. */
function widened(change: StatusChange): StatusChange {
  if (change.kind !== 'certificates') return change;
  const issuerKeys = change.revocationKeys.map((key) => key.slice(0, key.lastIndexOf(':')));
  return { kind: 'issuers', issuerKeys: [...new Set(issuerKeys)] };
}

function whyNot(
  { subject, held, failure }: CacheEntry,
  at: number,
  rule: string | undefined,
  staple: AnswerFault | undefined,
): Refusal {
  const { serialNumber: serial } = subject.certificate;
  const late = held === undefined || rule === undefined ? undefined : untimely(held, subject, at, rule);
  const otherwise = failure ?? late ?? new Refusal('CS-OCSP-021', { serial, url: subject.urls[0] ?? 'none' });
  if (staple === undefined) return otherwise;
  const cause = staple.refusal;
  return new Refusal('CS-OCSP-026', { serial, staple: cause.message, otherwise: otherwise.message }, { cause });
}

function revokedRefusal(
  certificate: Certificate,
  answer: Extract<HeldAnswer['answer'], { readonly status: 'revoked' }>,
): Refusal {
  const { responder, revokedAt, reason, thisUpdate } = answer;
  return new Refusal('CS-OCSP-020', {
    subject: naming(certificate),
    serial: certificate.serialNumber,
    revokedAt: toRfc3339(revokedAt),
    reason: reason ?? 'unspecified',
    responder: responder.kind === 'issuer' ? "the certificate's issuer" : naming(responder.certificate),
    thisUpdate: toRfc3339(thisUpdate),
  });
}

/** Who waits may stop; the request is others' too and goes on, within its own time. */
function unlessAborted(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      signal.removeEventListener('abort', done);
      resolve();
    };
    signal.addEventListener('abort', done, { once: true });
    void work.then(done);
  });
}
