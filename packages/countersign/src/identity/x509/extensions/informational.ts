/** Extensions that inform and decide nothing in path validation, each with what reads it whole. */
import type { DerReader } from '../../../ground/encoding/index.ts';

export const informationalExtensions: ReadonlyMap<string, (reader: DerReader) => unknown> = new Map();
