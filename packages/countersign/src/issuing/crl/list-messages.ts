/** What the thread of the lists and its owner say to each other. */
import type { BuilderData, ListBuilder } from './list-builder.ts';
import { columnsOf, type RevokedRowsPage } from './revoked-rows.ts';

export type BuilderOperation = Extract<
  keyof ListBuilder,
  | 'add'
  | 'held'
  | 'release'
  | 'earlierHolds'
  | 'recall'
  | 'recallReleased'
  | 'readyEdition'
  | 'beginEdition'
  | 'touched'
  | 'prepare'
  | 'write'
  | 'find'
  | 'count'
>;

export interface BuilderRequest {
  readonly id: number;
  readonly operation: BuilderOperation | 'close';
  readonly parameters: readonly unknown[];
}

export type BuilderReply =
  { readonly id: number; readonly answer: unknown } | { readonly id: number; readonly failure: string };

export type BuilderThreadData = BuilderData;

/** A page is handed on, not copied, and given back when it has been read: nobody else needs it. */
export function handedOn(
  operation: BuilderRequest['operation'],
  [page]: readonly unknown[],
): readonly ArrayBufferView[] {
  return operation === 'add' || operation === 'recall' ? columnsOf(page as RevokedRowsPage) : [];
}
