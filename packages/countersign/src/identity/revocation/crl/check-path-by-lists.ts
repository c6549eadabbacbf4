/** Revocation lists asked about each certificate of a validated path: good, revoked or undetermined (RFC 5280, 6.3). */
import { equalBytes } from '../../../ground/encoding/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import {
  type Certificate,
  type CertificateList,
  extensionOids,
  naming,
  noRevAvailConflict,
  type TrustAnchor,
  type ValidatedPath,
} from '../../x509/index.ts';
import { type Consulted, consultList } from './consult-list.ts';
import type { CrlQuestion, CrlReport, CrlVerdict, UsedList } from './crl-question.ts';
import { type ListFault, listFault, listName, momentText, mostUseful } from './list-fault.ts';
import type { Revocation } from './list-entry.ts';
import { type ListPoint, pointsOf } from './list-points.ts';
import type { SignerSearch } from './list-signer.ts';
import { allReasons, missingReasons } from './reasons.ts';

/** Paths to signers that are not on the path in question, in all: own choice, several times what the worst case of PKITS needs. */
const mostSignerPaths = 32;

export function checkPathByLists(question: CrlQuestion): CrlReport {
  if (!Number.isFinite(question.at)) throw new TypeError('lists are asked about a moment, which must be a number');
  if (Number.isNaN(question.mostAgeMs ?? 0) || Number.isNaN(question.clockDifferenceMs ?? 0)) {
    throw new TypeError('mostAgeMs and clockDifferenceMs are numbers');
  }
  return new Check(question).report();
}

class Check {
  readonly #question: CrlQuestion;
  /** Certificates whose status is being found out, each for the sake of the one before. */
  readonly #open: Certificate[] = [];
  #pathsLeft = mostSignerPaths;

  constructor(question: CrlQuestion) {
    this.#question = question;
  }

  report(): CrlReport {
    const { path } = this.#question;
    const verdicts = issuedOf(path).map((certificate, index) => ({ certificate, verdict: this.#verdict(path, index) }));
    const fromAnchor = verdicts.map(({ verdict }) => verdict).reverse();
    const first = (status: 'revoked' | 'undetermined'): Refusal | undefined =>
      fromAnchor.flatMap((verdict) => (verdict.status === status ? [verdict.refusal] : []))[0];
    const freshUntil = fromAnchor.reduce(
      (least, verdict) => (verdict.status === 'undetermined' ? least : Math.min(least, verdict.freshUntil)),
      Number.POSITIVE_INFINITY,
    );
    return { verdicts, refusal: first('revoked') ?? first('undetermined'), freshUntil };
  }

  #verdict(path: ValidatedPath, index: number): CrlVerdict {
    const certificate = path.certificates[index];
    if (certificate === undefined) throw new TypeError('a certificate of the path');
    // RFC 9608, 4: instead of (a) (3) of RFC 5280, 6.1.3. Where it contradicts itself it exempts from nothing.
    if (saysNoRevocation(certificate)) return { status: 'good', used: [], freshUntil: Number.POSITIVE_INFINITY };
    const above: TrustAnchor[] = path.certificates.slice(index + 1);
    if (!above.includes(path.anchor)) above.push(path.anchor);
    this.#open.push(certificate);
    try {
      return this.#ask(certificate, above);
    } finally {
      this.#open.pop();
    }
  }

  #ask(certificate: Certificate, above: readonly TrustAnchor[]): CrlVerdict {
    const used: UsedList[] = [];
    const faults: ListFault[] = [];
    let covered = 0;
    for (const [point, list] of this.#listsFor(certificate)) {
      const answer = consultList(list, point, certificate, covered, this.#searchBelow(above));
      if (answer === undefined) continue;
      if (!isConsulted(answer)) {
        faults.push(...answer);
        continue;
      }
      used.push(answer.used);
      covered |= answer.reasons;
      if (answer.revocation !== undefined) return revoked(certificate, used, answer.revocation);
      if (covered === allReasons) return { status: 'good', used, freshUntil: leastFresh(used) };
    }
    if (used.length > 0) {
      faults.push(listFault('CS-CRL-011', { subject: naming(certificate), missing: missingReasons(covered) }));
    }
    const fault = mostUseful(faults) ?? this.#absent(certificate);
    const lastKnown = faults.find((one) => one.lastKnown !== undefined)?.lastKnown;
    return { status: 'undetermined', refusal: fault.refusal(), ...(lastKnown === undefined ? {} : { lastKnown }) };
  }

  *#listsFor(certificate: Certificate): Generator<readonly [ListPoint, CertificateList]> {
    for (const point of pointsOf(certificate)) {
      for (const issuer of point.issuers) {
        for (const list of this.#question.lists.completeOf(issuer)) yield [point, list];
      }
    }
  }

  #absent(certificate: Certificate): ListFault {
    const { lists } = this.#question;
    const subject = naming(certificate);
    const delta = pointsOf(certificate).flatMap(({ issuers }) => issuers.flatMap((name) => lists.deltasOf(name)))[0];
    if (delta === undefined) {
      return listFault('CS-CRL-003', { subject, issuer: certificate.issuer.text, lists: lists.size });
    }
    return listFault('CS-CRL-012', { subject, list: listName(delta), base: delta.baseCrlNumber ?? '' });
  }

  #searchBelow(above: readonly TrustAnchor[]): SignerSearch {
    return {
      question: this.#question,
      above,
      spendPath: (list) => {
        if (this.#pathsLeft-- > 0) return undefined;
        return listFault('CS-CRL-013', { list: listName(list), limit: 'paths to signers', allowed: mostSignerPaths });
      },
      statusFault: (path) => this.#statusFault(path, above),
    };
  }

  /**
   * Of a path to a signer of lists, from the anchor down. A list may cover the certificate of its own signer: who holds that key could
   * say anything of any other, so this trusts nobody more than before (PKITS, 4.14.30).
   */
  #statusFault(path: ValidatedPath, above: readonly TrustAnchor[]): string | undefined {
    for (let index = issuedOf(path).length - 1; index >= 0; index--) {
      const certificate = path.certificates[index];
      if (certificate === undefined || [...above, ...this.#open].some((one) => isSame(one, certificate))) continue;
      const verdict = this.#verdict(path, index);
      if (verdict.status !== 'good') return verdict.refusal.message;
    }
    return undefined;
  }
}

function isConsulted(answer: Consulted | readonly ListFault[]): answer is Consulted {
  return 'used' in answer;
}

function issuedOf({ certificates, anchor }: ValidatedPath): readonly Certificate[] {
  return certificates.at(-1) === anchor ? certificates.slice(0, -1) : certificates;
}

function isSame(one: TrustAnchor, certificate: Certificate): boolean {
  return 'raw' in one && equalBytes(one.raw, certificate.raw);
}

function saysNoRevocation(certificate: Certificate): boolean {
  return (
    certificate.extensions.some(({ oid }) => oid === extensionOids.noRevAvail) &&
    noRevAvailConflict(certificate) === undefined
  );
}

function leastFresh(used: readonly UsedList[]): number {
  return used.reduce((least, { freshUntil }) => Math.min(least, freshUntil), Number.POSITIVE_INFINITY);
}

function revoked(certificate: Certificate, used: readonly UsedList[], revocation: Revocation): CrlVerdict {
  const { revokedAt, reason, list } = revocation;
  const refusal = new Refusal('CS-CRL-002', {
    subject: naming(certificate),
    serialNumber: certificate.serialNumber,
    revokedAt: momentText(revokedAt),
    reason,
    list: listName(list),
    thisUpdate: momentText(list.thisUpdate),
  });
  return { status: 'revoked', used, freshUntil: leastFresh(used), revokedAt, reason, refusal };
}
