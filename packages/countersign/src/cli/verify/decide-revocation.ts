/** What the revocation lists and OCSP answers that `verify` was given say of each certificate of the path together, and which of them decides. */
import { toRfc3339 } from '../../ground/clock/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import {
  checkOcspResponse,
  checkPathByLists,
  type CrlVerdict,
  type OcspAnswer,
  type OcspIssuer,
} from '../../identity/revocation/index.ts';
import { type Certificate, type ExaminedPath, naming, type OcspResponse } from '../../identity/x509/index.ts';
import { certIdHash } from '../../runtime/cryptography/index.ts';
import { askFeed, type FeedAnswer } from './ask-feed.ts';
import type { HeardFeed } from './hear-feed.ts';
import type { Question } from './question.ts';

export interface RevocationReport {
  /** Of each certificate of the path that is no anchor, the end-entity's first. */
  readonly verdicts: readonly RevocationVerdict[];
  /** Of what is revoked first, nearest to the anchor; else of what is not known; `undefined` where all are good. */
  readonly refusal: Refusal | undefined;
}

export interface RevocationVerdict {
  readonly certificate: Certificate;
  readonly decided: Decided;
  /** Absent where no list was given. */
  readonly lists?: CrlVerdict;
}

export type Means = 'crl' | 'ocsp' | 'feed' | 'certificate';

/** Of the answers that say the same, the newest. */
export type Decided =
  | ({ readonly status: 'good' } & DecidedBy)
  | ({
      readonly status: 'revoked';
      readonly revokedAt: number;
      readonly reason: string | undefined;
      readonly refusal: Refusal;
    } & DecidedBy)
  | { readonly status: 'undetermined'; readonly refusal: Refusal };

/** Times in milliseconds since 1970. */
export type DecidedBy =
  | {
      readonly means: 'crl';
      readonly used: CrlUsed;
      readonly thisUpdate: number;
      readonly freshUntil: number;
    }
  | {
      readonly means: 'ocsp';
      readonly answer: Answered;
      readonly thisUpdate: number;
      readonly freshUntil: number;
    }
  | { readonly means: 'feed'; readonly feed: HeardFeed; readonly thisUpdate: number; readonly freshUntil: number }
  /** noRevAvail (RFC 9608). */
  | { readonly means: 'certificate' };

export type CrlUsed = Extract<CrlVerdict, { readonly status: 'good' }>['used'];
export type Answered = Extract<OcspAnswer, { readonly status: 'good' | 'revoked' }>;

/** `undefined` where nothing was given to ask, or no path is valid. */
export function decideRevocation(
  { input, allowed, revocation }: Question,
  path: ExaminedPath | undefined,
): RevocationReport | undefined {
  if (revocation === undefined || path === undefined || path.refusal !== undefined) return undefined;
  const { at, verifySignature, intermediates, profile } = input;
  const { lists, mostAgeMs, responses, feed } = revocation;
  const report =
    lists &&
    checkPathByLists({
      ...{ path, lists, others: intermediates, at, verifySignature, dangerouslyAllow: allowed },
      ...(mostAgeMs === undefined ? {} : { mostAgeMs }),
      // What signs lists is no server of the Web.
      profile: profile === 'webpki' ? 'rfc5280' : profile,
    });
  const issued = path.certificates.filter((certificate) => certificate !== path.anchor);
  const verdicts = issued.map((certificate, index): RevocationVerdict => {
    const ofLists = report?.verdicts[index]?.verdict;
    const ask = (response: OcspResponse): OcspAnswer =>
      checkOcspResponse({
        ...{ certificate, issuer: issuerOf(path, index), response, at, verifySignature, hash: certIdHash },
        dangerouslyAllow: allowed,
      });
    const told = feed && { feed, answer: askFeed(feed, path, index, at) };
    const decided = decide(certificate, { lists: ofLists, answers: responses.map(ask), told });
    return { certificate, decided, ...(ofLists === undefined ? {} : { lists: ofLists }) };
  });
  return { verdicts, refusal: worst(verdicts) };
}

function issuerOf({ certificates, anchor }: ExaminedPath, index: number): OcspIssuer {
  return certificates[index + 1] ?? anchor;
}

/** Of one certificate, by each means that was given. */
interface Said {
  readonly lists: CrlVerdict | undefined;
  readonly answers: readonly OcspAnswer[];
  readonly told: { readonly feed: HeardFeed; readonly answer: FeedAnswer } | undefined;
}

/** Whoever says revoked decides; "unknown" says that such a certificate was never issued, which a list cannot; then whoever says good. */
function decide(certificate: Certificate, { lists, answers, told }: Said): Decided {
  const answered = told?.answer;
  if (told !== undefined && answered?.status === 'revoked') return { ...byFeed(told.feed), ...revokedOf(answered) };
  if (lists?.status === 'revoked') return { ...byLists(lists.used, lists.freshUntil), ...revokedOf(lists) };
  const relied = answers.map((answer) => reliedUpon(certificate, answer));
  const revoked = relied.filter((answer) => answer.status === 'revoked').sort(newestFirst)[0];
  if (revoked !== undefined)
    return { ...byAnswer(revoked), ...revokedOf({ ...revoked, refusal: refusalOf(certificate, revoked) }) };
  const unknown = relied.find((answer) => answer.status === 'unknown');
  if (unknown !== undefined) return { status: 'undetermined', refusal: unknown.refusal };
  const byResponders = relied.filter((answer) => answer.status === 'good').map(byAnswer);
  const listed = lists?.status === 'good' ? [byLists(lists.used, lists.freshUntil)] : [];
  const heard = told !== undefined && answered?.status === 'good' ? [byFeed(told.feed)] : [];
  const good = [...listed, ...byResponders, ...heard].sort((a, b) => timeOf(b) - timeOf(a))[0];
  if (good !== undefined) return { status: 'good', ...good };
  const refusals = relied.flatMap((answer) => ('refusal' in answer ? [answer.refusal] : []));
  const ofLists = lists !== undefined && 'refusal' in lists ? lists.refusal : undefined;
  // That an answer is about another certificate says nothing, where several were given.
  const ofFeed = answered?.status === 'undetermined' ? answered.refusal : undefined;
  const useful = refusals.find(({ code }) => code !== 'CS-OCSP-005') ?? ofLists ?? ofFeed ?? refusals[0];
  if (useful === undefined) throw new TypeError('lists or answers were asked');
  return { status: 'undetermined', refusal: useful };
}

/** A responder whose own revocation would have to be looked up is believed in what takes away, and in nothing else. */
function reliedUpon(certificate: Certificate, answer: OcspAnswer): OcspAnswer {
  if (answer.status !== 'good') return answer;
  const { responder } = answer;
  if (responder.kind !== 'delegated' || !responder.mustBeChecked) return answer;
  const rule = 'id-pkix-ocsp-nocheck, or a look at whether the responder is revoked (4.2.2.2.1)';
  const refusal = new Refusal('CS-OCSP-003', {
    ...{ serial: certificate.serialNumber, responder: naming(responder.certificate), rule },
  });
  return { status: 'undetermined', refusal };
}

function byLists(used: CrlUsed, freshUntil: number): DecidedBy {
  if (used.length === 0) return { means: 'certificate' };
  const made = used.map(({ list, delta }) => (delta ?? list).thisUpdate);
  return { means: 'crl', used, thisUpdate: Math.min(...made), freshUntil };
}

function byFeed(feed: HeardFeed): DecidedBy {
  return { means: 'feed', feed, thisUpdate: feed.state.at, freshUntil: feed.state.freshUntil };
}

function byAnswer(answer: Answered): DecidedBy {
  return { means: 'ocsp', answer, thisUpdate: answer.thisUpdate, freshUntil: answer.freshUntil };
}

interface Revoked {
  readonly revokedAt: number;
  readonly reason: string | undefined;
  readonly refusal: Refusal;
}

function revokedOf({ revokedAt, reason, refusal }: Revoked): { readonly status: 'revoked' } & Revoked {
  return { status: 'revoked', revokedAt, reason, refusal };
}

function refusalOf(certificate: Certificate, { revokedAt }: { readonly revokedAt: number }): Refusal {
  const { serialNumber } = certificate;
  return new Refusal('CS-PEER-008', { peer: naming(certificate), serialNumber, revokedAt: toRfc3339(revokedAt) });
}

/** What says itself that nothing is published of it is never out of date. */
function timeOf(by: DecidedBy): number {
  return by.means === 'certificate' ? Number.POSITIVE_INFINITY : by.thisUpdate;
}

function newestFirst(a: Answered, b: Answered): number {
  return b.thisUpdate - a.thisUpdate;
}

function worst(verdicts: readonly RevocationVerdict[]): Refusal | undefined {
  const fromAnchor = verdicts.map(({ decided }) => decided).reverse();
  const found =
    fromAnchor.find(({ status }) => status === 'revoked') ?? fromAnchor.find(({ status }) => status === 'undetermined');
  return found !== undefined && 'refusal' in found ? found.refusal : undefined;
}
