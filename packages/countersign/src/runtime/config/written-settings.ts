/** Settings as they are written, in YAML (or JSON, which is YAML): read against a schema, with the line and column of everything that is wrong. */
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { nearMatch } from '../../ground/errors/index.ts';
import { documentInTurns, yamlOptions } from './document-in-turns.ts';

export type Place = readonly (string | number)[];

export interface WrittenAt {
  readonly line: number;
  readonly column: number;
}

export interface SettingsProblem extends WrittenAt {
  /** `unreadable`: it is no YAML. `unknown key`: nothing reads it. `wrong value`: also where one is missing. */
  readonly kind: 'unreadable' | 'unknown key' | 'wrong value';
  readonly place: Place;
  readonly problem: string;
  /** Of a key that nothing reads: the one that was most likely meant. */
  readonly nearest?: string | undefined;
}

/** What was read, and where each part of it stands. */
export interface ReadSettings<T> {
  readonly value: T;
  /** Where a value is written; of what is missing, where the deepest part above it is. */
  at(place: Place): WrittenAt;
  /** Where the key of a value is written. */
  atKey(place: Place): WrittenAt;
}

interface Written {
  readonly document: Document;
  readonly lines: LineCounter;
}

type Issue = z.core.$ZodIssue;

/** Strict: a key that the schema does not know is a problem. An empty file is `{}`. All problems in their order in the schema. */
export function readSettings<T>(text: string, schema: z.ZodType<T>): Reading<T> {
  const lines = new LineCounter();
  // The core schema of YAML 1.2 alone: no dates, no binary, no merge keys; a key written twice is an error.
  const document = parseDocument(text, { ...yamlOptions, lineCounter: lines });
  return settingsIn(text, { document, lines }, schema);
}

/** The same, and where the text is a large one other work of the process goes on meanwhile. */
export async function readSettingsInTurns<T>(text: string, schema: z.ZodType<T>): Promise<Reading<T>> {
  if (text.length < large) return readSettings(text, schema);
  const lines = new LineCounter();
  return settingsIn(text, { document: await documentInTurns(text, lines), lines }, schema);
}

/** Characters, which take some ten milliseconds. Own choice. */
const large = 65_536;

export type Reading<T> = ReadSettings<T> | { readonly problems: readonly SettingsProblem[] };

function settingsIn<T>(text: string, written: Written, schema: z.ZodType<T>): Reading<T> {
  const { document, lines } = written;
  const broken = [...document.errors, ...document.warnings];
  if (broken.length > 0)
    return {
      problems: broken.map(({ message, pos }) => {
        // Of what was cut off, the last line that is there: an editor shows none after it.
        const { line, col } = lines.linePos(Math.min(pos[0], Math.max(text.trimEnd().length - 1, 0)));
        // The first line of the message: the next ones quote the text, which may hold a secret.
        const problem = message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? '';
        return { kind: 'unreadable', place: [], line, column: col, problem };
      }),
    };
  let value: unknown;
  try {
    // Settings need no anchors, and few of them written out can be gigabytes.
    value = document.toJS({ maxAliasCount: 0 });
  } catch {
    const problem = 'aliases (*name) are not taken';
    return { problems: [{ kind: 'unreadable', place: [], line: 1, column: 1, problem }] };
  }
  const parsed = schema.safeParse(value ?? {});
  if (!parsed.success) return { problems: parsed.error.issues.flatMap((issue) => problemsOf(issue, written, schema)) };
  return {
    value: parsed.data,
    at: (place) => whereIs(written, place),
    atKey: (place) => whereKeyIs(written, place.slice(0, -1), String(place.at(-1) ?? '')),
  };
}

function problemsOf(issue: Issue, written: Written, schema: z.ZodType): readonly SettingsProblem[] {
  const place = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
  if (issue.code === 'unrecognized_keys') {
    const known = namesAt(schema, place);
    return issue.keys.map((key) => ({
      kind: 'unknown key',
      place: [...place, key],
      ...whereKeyIs(written, place, key),
      problem: 'no such setting',
      nearest: nearMatch(key, known),
    }));
  }
  return [{ kind: 'wrong value', place, ...whereIs(written, place), problem: problemOf(issue) }];
}

/** Of a key that is none, what is wrong with it: the issue itself says no more than that. */
function problemOf(issue: Issue): string {
  const inner = issue.code === 'invalid_key' ? issue.issues[0] : undefined;
  return inner?.message ?? issue.message;
}

/** Of the deepest part of the place that is written: what is missing has no line of its own. */
function whereIs({ document, lines }: Written, place: Place): WrittenAt {
  for (let depth = place.length; depth >= 0; depth -= 1) {
    const node = depth === 0 ? document.contents : document.getIn(place.slice(0, depth), true);
    if (isNode(node) && node.range) return at(lines, node.range[0]);
  }
  return { line: 1, column: 1 };
}

function whereKeyIs(written: Written, place: Place, key: string): WrittenAt {
  const { document, lines } = written;
  const map = place.length === 0 ? document.contents : document.getIn(place, true);
  const pair = isMap(map) ? map.items.find((item) => isScalar(item.key) && String(item.key.value) === key) : undefined;
  return isScalar(pair?.key) && pair.key.range ? at(lines, pair.key.range[0]) : whereIs(written, place);
}

function at(lines: LineCounter, offset: number): WrittenAt {
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}

interface Described {
  readonly properties?: Readonly<Record<string, Described>>;
  readonly additionalProperties?: Described | boolean;
  readonly items?: Described;
  readonly anyOf?: readonly Described[];
}

/** The names that the schema knows at a place, from its description as JSON Schema. */
function namesAt(schema: z.ZodType, place: Place): string[] {
  let described = [z.toJSONSchema(schema, { unrepresentable: 'any', io: 'input' }) as Described];
  for (const step of place) described = described.flatMap(alternatives).flatMap((one) => below(one, step));
  return described.flatMap(alternatives).flatMap(({ properties }) => Object.keys(properties ?? {}));
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
