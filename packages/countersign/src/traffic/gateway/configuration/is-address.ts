/** Whether what is written is meant as an address, to be fetched; else it is a file. */
export function isAddress(written: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(written);
}
