/** One limbo case decided, from its PEM texts to the answer, with the time that it took. */
import { parsePem } from '../../../packages/countersign/src/ground/encoding/index.ts';
import { isRefusal } from '../../../packages/countersign/src/ground/errors/index.ts';
import { checkPathByLists, HeldLists } from '../../../packages/countersign/src/identity/revocation/index.ts';
import {
  type Certificate,
  type CertificateList,
  parseCertificate,
  parseCertificateList,
  type ValidatedPath,
  validatePath,
} from '../../../packages/countersign/src/identity/x509/index.ts';
import type { Asked } from './ask.ts';
import type { LimboCase } from './limbo-file.ts';

export interface Decision {
  /** `failed`: the library threw something that is no refusal, which is never right. */
  readonly answer: 'accepted' | 'rejected' | 'failed';
  /** Why not accepted: the refusal's code with its evidence. */
  readonly because: string;
  readonly ms: number;
}

/** A case is measured again from here on, as a busy machine makes any first time long. */
const measuredAgainMs = 20;

const measurements = 3;

export function decide(item: LimboCase, asked: Asked): Decision {
  let best = decideOnce(item, asked);
  for (let again = 1; again < measurements && best.ms > measuredAgainMs; again++) {
    const next = decideOnce(item, asked);
    if (next.ms < best.ms) best = next;
  }
  return best;
}

function decideOnce(item: LimboCase, asked: Asked): Decision {
  const start = performance.now();
  const answer = answerTo(item, asked);
  return { ...answer, ms: performance.now() - start };
}

function answerTo(item: LimboCase, asked: Asked): Omit<Decision, 'ms'> {
  const leftOut: string[] = [];
  try {
    const [leaf] = certificatesOf(item.leaf);
    if (leaf === undefined) throw new TypeError('a PEM text without a block');
    const anchors = readable('an anchor', item.anchors, leftOut, certificatesOf);
    const intermediates = readable('an intermediate', item.intermediates, leftOut, certificatesOf);
    for (const purpose of asked.purposes) {
      const path = validatePath({ ...asked.rest, leaf, anchors, intermediates, purpose });
      if (item.lists !== undefined) requireUnrevoked(path, intermediates, item.lists, asked, leftOut);
    }
    return { answer: 'accepted', because: '' };
  } catch (error) {
    if (isRefusal(error)) return { answer: 'rejected', because: [error.message, ...leftOut].join('; ') };
    return { answer: 'failed', because: `no refusal, but ${String(error)}` };
  }
}

function requireUnrevoked(
  path: ValidatedPath,
  others: readonly Certificate[],
  texts: readonly string[],
  { rest: { at, verifySignature } }: Asked,
  leftOut: string[],
): void {
  const lists = new HeldLists(readable('a list', texts, leftOut, listsOf));
  const { refusal } = checkPathByLists({ path, others, lists, at, verifySignature, profile: 'rfc5280' });
  if (refusal !== undefined) throw refusal;
}

/** What cannot be read can be no part of a path, and says nothing; the others may still do. */
function readable<T>(role: string, texts: readonly string[], leftOut: string[], read: (pem: string) => T[]): T[] {
  return texts.flatMap((text) => {
    try {
      return read(text);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      leftOut.push(`left out, ${role}: ${error.message}`);
      return [];
    }
  });
}

function certificatesOf(pem: string): Certificate[] {
  return parsePem(pem).map(({ bytes }) => parseCertificate(bytes));
}

function listsOf(pem: string): CertificateList[] {
  return parsePem(pem).map(({ bytes }) => parseCertificateList(bytes));
}
