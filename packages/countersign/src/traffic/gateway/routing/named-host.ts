/** Which host of a configuration a name stands for: its own, else the pattern for one label below. */

/** As the configuration names it. @param name canonical */
export function namedHost(hosts: Readonly<Record<string, unknown>>, name: string): string | undefined {
  if (Object.hasOwn(hosts, name)) return name;
  const dot = name.indexOf('.');
  const pattern = dot === -1 ? '' : `*${name.slice(dot)}`;
  return Object.hasOwn(hosts, pattern) ? pattern : undefined;
}
