/** The authority's revocation lists: complete, delta and sharded, from entries that stay encoded, made in a thread of their own (RFC 5280, 5). */
export { encodeEntry } from './entry-encoder.ts';
export { EntryStore } from './entry-store.ts';
export { type ListMeasure, ListPublisher, type ListPublisherOptions } from './list-publisher.ts';
export { LentFiles } from './lent-files.ts';
export { listHeaders, type PublishedList, ListShelf } from './published-list.ts';
export type { RevokedRows, RevokedRowsPage, RowsCursor } from './revoked-rows.ts';
export { listNumber, nextPublication } from './list-numbers.ts';
export { nextListNumber } from './list-memory.ts';
export { signWholeList } from './sign-list.ts';
