/** The result of path validation as data that a person can be shown: every path, every certificate, what was checked, why refused. */
import type { Refusal } from '../../../ground/errors/index.ts';
import type { Certificate } from '../certificate.ts';
import type { TrustAnchor } from './trust-anchor.ts';

/** One rule and what became of it, in the order in which they were checked. */
export interface PathCheck {
  /** Which certificate of the path: 0 is the end-entity; the number after the last is an anchor's without a certificate. */
  readonly certificate: number;
  readonly rule: string;
  /** "RFC 5280 6.1.3 (a) (1)". */
  readonly clause: string;
  readonly passed: boolean;
}

export interface ExaminedPath {
  /** The end-entity certificate first; the anchor's own last, where it has one. */
  readonly certificates: readonly Certificate[];
  readonly anchor: TrustAnchor;
  readonly checks: readonly PathCheck[];
  /** Why it was refused; `undefined` where it is valid. */
  readonly refusal: Refusal | undefined;
}

/** What was spent, and how much there was of it. */
export interface PathWork {
  readonly signatures: number;
  readonly paths: number;
  readonly names: number;
}

export interface PathReport {
  readonly valid: boolean;
  /** The most useful refusal of all paths; `undefined` where one is valid. */
  readonly refusal: Refusal | undefined;
  /** The valid path, or the one that the refusal is about; `undefined` where names lead to no anchor. */
  readonly path: ExaminedPath | undefined;
  /** Every path that was looked at, in that order. */
  readonly paths: readonly ExaminedPath[];
  /** Policies that the path is valid for (RFC 9618, 6.1.6); "2.5.29.32.0" is any. */
  readonly policies: readonly string[];
  readonly work: PathWork;
}
