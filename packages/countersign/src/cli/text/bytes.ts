/** Sizes as people read them. */

const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** Three figures at most, cut: what is free must not be promised larger. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  const shown = unit === 0 || value >= 100 ? Math.floor(value) : Math.floor(value * 10) / 10;
  return `${String(shown)} ${units[unit] ?? ''}`;
}
