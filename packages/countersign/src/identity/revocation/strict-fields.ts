/** Reading JSON from a signed payload strictly: exact members, bounded values; anything else is refused. */
import { Refusal } from '../../ground/errors/index.ts';

export type Fields = Readonly<Record<string, unknown>>;

export function malformed(rule: string, cause?: unknown): Refusal {
  return new Refusal('CS-FEED-001', { rule }, { cause });
}

/** The object with exactly `required` members, and at most `optional` ones beside them. */
export function fieldsOf(
  value: unknown,
  where: string,
  required: readonly string[],
  optional: readonly string[] = [],
): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed(`${where} is an object`);
  const fields: Fields = { ...value };
  for (const name of required) if (!Object.hasOwn(fields, name)) throw malformed(`${where} has the member ${name}`);
  for (const name of Object.keys(fields)) {
    if (!required.includes(name) && !optional.includes(name)) throw malformed(`${where} has no member but those known`);
  }
  return fields;
}

export function textOf(value: unknown, where: string, form: RegExp): string {
  if (typeof value !== 'string' || !form.test(value)) throw malformed(`${where} has its form`);
  return value;
}

/** A whole number from `least` to `most`. */
export function numberOf(value: unknown, where: string, least: number, most: number = Number.MAX_SAFE_INTEGER): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least || value > most) {
    throw malformed(`${where} is a whole number within its bounds`);
  }
  return value;
}

export function listOf<T>(value: unknown, where: string, most: number, read: (item: unknown) => T): readonly T[] {
  if (!Array.isArray(value)) throw malformed(`${where} is a list`);
  if (value.length > most) throw malformed(`${where} has at most ${String(most)} members`);
  return value.map((item: unknown) => read(item));
}
