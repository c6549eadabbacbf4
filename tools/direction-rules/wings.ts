/** The map of the house: which wing and room may know which. A change here is a design decision; say why in ARCHITECTURE.md. */

/** What a wing may import besides itself: with `types`, more for types alone, which are gone when the program runs. */
export interface Reach {
  readonly values: readonly string[] | 'any';
  readonly types?: 'any';
}

export const wings: Readonly<Record<string, Reach>> = {
  ground: { values: [] },
  identity: { values: ['ground'] },
  runtime: { values: ['ground', 'identity'] },
  issuing: { values: ['ground', 'identity', 'runtime'] },
  traffic: { values: ['ground', 'identity', 'runtime'] },
  store: { values: ['ground'], types: 'any' },
  surfaces: { values: ['ground', 'identity', 'runtime', 'traffic'] },
  cli: { values: 'any' },
};

/** Wings without rooms: the whole wing is one. */
export const roomless: readonly string[] = ['cli'];

/** No road at all, over however many modules: the side that carries traffic holds no signing keys. */
export const unreachable: readonly { readonly from: string; readonly to: readonly string[] }[] = [
  { from: 'traffic', to: ['issuing', 'store'] },
];

/** Neighbours within a wing that must not know each other: `from` knows none of `to`; '*' is the rest of its wing. */
export const strangers: readonly { readonly from: string; readonly to: readonly string[] }[] = [
  { from: 'issuing/authority', to: ['*'] },
  { from: 'identity/x509', to: ['*'] },
  { from: 'traffic/relay', to: ['traffic/sidecar', 'traffic/gateway', 'traffic/tunnel', 'traffic/upstream'] },
  { from: 'traffic/upstream', to: ['traffic/sidecar', 'traffic/gateway', 'traffic/tunnel'] },
  { from: 'traffic/sidecar', to: ['traffic/gateway', 'traffic/tunnel'] },
  { from: 'traffic/gateway', to: ['traffic/sidecar', 'traffic/tunnel'] },
  { from: 'traffic/tunnel', to: ['traffic/sidecar', 'traffic/gateway'] },
];

/** Rooms that a wing may import though the wing that holds them is not in its row. */
export const exceptions: readonly { readonly from: string; readonly to: readonly string[] }[] = [
  { from: 'surfaces/testing', to: ['issuing'] },
  // An entry of the audit log is chained in the transaction that it tells of, and that is here.
  { from: 'store/sqlite', to: ['runtime/audit', 'runtime/cryptography'] },
];

/** Wings without any I/O: none of Node's own modules, so that they run in a browser too. */
export const pure: readonly string[] = ['identity'];

/** All that the web console may take from the package. */
export const consoleMayImport: readonly string[] = ['ground', 'identity'];

/** The one room that calls node:crypto. */
export const cryptography = 'runtime/cryptography';

/**
 * What `*.test.ts` beside the sources may import besides what their wing may: a test never ships,
 * and the tests of a pure room must hand it some cryptography.
 */
export const testsMayImport: readonly string[] = ['surfaces/testing', cryptography];

/**
 * Fewest modules that an examination must have seen. With a parser missing, dependency-cruiser sees none and is content;
 * raise this as the house grows.
 */
export const fewestModules = 760;
