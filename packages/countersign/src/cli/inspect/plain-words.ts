/** Plain data of any shape as lines for people: what has no words of its own yet. */

export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [field: string]: Plain };

/** A line for each member of a list, and for each field of an object at the top. */
export function plainWords(value: Plain): string[] {
  if (isList(value)) return value.map(oneLine);
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).map(([field, part]) => `${field}: ${oneLine(part)}`);
  }
  return [oneLine(value)];
}

function oneLine(value: Plain): string {
  if (isList(value)) return value.map(oneLine).join(', ');
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([field, part]) => `${field} ${oneLine(part)}`)
    .join('; ');
}

/** Array.isArray alone does not narrow a read-only list. */
function isList(value: Plain): value is readonly Plain[] {
  return Array.isArray(value);
}
