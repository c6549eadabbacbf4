/** One text for one content: members in the order of their names, nothing undefined. (RFC 8785's order; our contents have no numbers but whole ones.) */

export function canonicalJson(content: unknown): string {
  return JSON.stringify(sorted(content));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  // By code units, as JavaScript compares strings. A member named __proto__ stays one.
  return Object.fromEntries(
    members.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, member]) => [name, sorted(member)]),
  );
}
