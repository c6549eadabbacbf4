/** Settings that a person writes, in YAML (or JSON, which is YAML): read whole against a schema, or refused with the line. */
import { LineCounter, parseDocument, type Document, isNode, isScalar, isMap } from 'yaml';
import { z } from 'zod';

import { nearMatch, Refusal } from '../../ground/errors/index.ts';

interface Written {
  readonly path: string;
  readonly document: Document;
  readonly lines: LineCounter;
}

type Issue = z.core.$ZodIssue;

/**
 * Strict: a key that the schema does not know is refused, with the nearest that it knows. An empty file is `{}`.
 * Throws CS-SETTINGS-001, -002, -003.
 * @param path what a refusal calls the text
 */
export function parseSettings<T>(text: string, path: string, schema: z.ZodType<T>): T {
  const lines = new LineCounter();
  // The core schema of YAML 1.2 alone: no dates, no binary, no merge keys; a key written twice is an error.
  const document = parseDocument(text, { version: '1.2', schema: 'core', uniqueKeys: true, lineCounter: lines });
  const written = { path, document, lines };
  const [broken] = [...document.errors, ...document.warnings];
  if (broken !== undefined) {
    // The first line of the message: the next ones quote the text, which may hold a secret.
    const problem = broken.message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? '';
    // Of what was cut off, the last line that is there: an editor shows none after it.
    const at = Math.min(broken.pos[0], Math.max(text.trimEnd().length - 1, 0));
    // Without the cause, which quotes the text.
    throw new Refusal('CS-SETTINGS-002', { path, line: lines.linePos(at).line, problem });
  }
  // Settings need no anchors, and few of them written out can be gigabytes.
  const value: unknown = valueOf(written);
  const parsed = schema.safeParse(value ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw refusalOf(issue, written, schema);
}

function valueOf({ path, document }: Written): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 }) as unknown;
  } catch (error) {
    throw new Refusal('CS-SETTINGS-002', { path, line: 1, problem: 'aliases (*name) are not taken' }, { cause: error });
  }
}

function refusalOf(issue: Issue | undefined, written: Written, schema: z.ZodType): Refusal {
  const { path } = written;
  const place = (issue?.path ?? []).map((step) => (typeof step === 'symbol' ? String(step) : step));
  if (issue?.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? '';
    const setting = [...place, key].join('.');
    const nearest = nearMatch(key, namesAt(schema, place)) ?? 'none';
    return new Refusal('CS-SETTINGS-001', { path, line: lineOfKey(written, place, key), setting, nearest });
  }
  const setting = place.length === 0 ? 'the whole file' : place.join('.');
  return new Refusal('CS-SETTINGS-003', { path, line: lineOf(written, place), setting, problem: problemOf(issue) });
}

/** Of a key that is none, what is wrong with it: the issue itself says no more than that. */
function problemOf(issue: Issue | undefined): string {
  const inner = issue?.code === 'invalid_key' ? issue.issues[0] : undefined;
  return inner?.message ?? issue?.message ?? '';
}

/** The line of the deepest part of the place that is written: what is missing has none of its own. */
function lineOf({ document, lines }: Written, place: readonly (string | number)[]): number {
  for (let depth = place.length; depth >= 0; depth -= 1) {
    const node = depth === 0 ? document.contents : document.getIn(place.slice(0, depth), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

function lineOfKey(written: Written, place: readonly (string | number)[], key: string): number {
  const { document, lines } = written;
  const map = place.length === 0 ? document.contents : document.getIn(place, true);
  const pair = isMap(map) ? map.items.find((item) => isScalar(item.key) && item.key.value === key) : undefined;
  return isScalar(pair?.key) && pair.key.range ? lines.linePos(pair.key.range[0]).line : lineOf(written, place);
}

interface Described {
  readonly properties?: Readonly<Record<string, Described>>;
  readonly additionalProperties?: Described | boolean;
  readonly items?: Described;
  readonly anyOf?: readonly Described[];
}

/** The names that the schema knows at a place, from its description as JSON Schema. */
function namesAt(schema: z.ZodType, place: readonly (string | number)[]): string[] {
  let at = [z.toJSONSchema(schema, { unrepresentable: 'any', io: 'input' }) as Described];
  for (const step of place) at = at.flatMap(alternatives).flatMap((one) => below(one, step));
  return at.flatMap(alternatives).flatMap(({ properties }) => Object.keys(properties ?? {}));
}

function alternatives(described: Described): Described[] {
  return [described, ...(described.anyOf ?? []).flatMap(alternatives)];
}

function below({ properties, additionalProperties, items }: Described, step: string | number): Described[] {
  const named = properties?.[String(step)];
  if (named !== undefined) return [named];
  const others = typeof additionalProperties === 'object' ? [additionalProperties] : [];
  return typeof step === 'number' && items !== undefined ? [items] : others;
}
