/** How the published lists and the responder are just now: what the status shows, and the metrics beside it. */
import type { ListPublisher } from '../../crl/index.ts';
import { type OcspKind, ocspKinds } from '../../ocsp/index.ts';

export interface Publishing {
  readonly lists: { all(): readonly Pick<ListPublisher, 'measure'>[] };
  readonly ocsp: { readonly counts: Readonly<Record<OcspKind, number>>; kept(): number };
}

/** Of all issuers together. */
export interface ListFigures {
  readonly entries: number;
  /** Of the oldest, milliseconds since 1970. */
  readonly thisUpdateMs: number;
  /** Of the one that ends first. */
  readonly nextUpdateMs: number;
  /** Of the slowest. */
  readonly builtInMs: number;
}

export interface OcspFigures {
  /** Since the start. */
  readonly answers: Readonly<Record<OcspKind, number>>;
  /** Signed ahead. */
  readonly kept: number;
}

export interface PublishedFigures {
  /** Absent where none are made. */
  readonly lists?: ListFigures | undefined;
  readonly ocsp: OcspFigures;
}

export function publishedFigures({ lists, ocsp }: Publishing): PublishedFigures {
  return { lists: listFigures(lists), ocsp: { answers: { ...ocsp.counts }, kept: ocsp.kept() } };
}

/** Whether anybody ever asked. */
export function hasAnswered({ answers, kept }: OcspFigures): boolean {
  return kept > 0 || ocspKinds.some((kind) => answers[kind] > 0);
}

function listFigures(lists: Publishing['lists']): ListFigures | undefined {
  const measures = lists.all().flatMap((publisher) => publisher.measure() ?? []);
  if (measures.length === 0) return undefined;
  return {
    entries: measures.reduce((sum, { entries }) => sum + entries, 0),
    thisUpdateMs: Math.min(...measures.map(({ thisUpdateMs }) => thisUpdateMs)),
    nextUpdateMs: Math.min(...measures.map(({ nextUpdateMs }) => nextUpdateMs)),
    builtInMs: Math.max(...measures.map(({ builtInMs }) => builtInMs)),
  };
}
