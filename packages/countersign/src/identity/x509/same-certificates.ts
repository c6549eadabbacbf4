/** Whether two lists hold the same certificates, octet for octet and in the same order. */
import { equalBytes } from '../../ground/encoding/index.ts';
import type { Certificate } from './certificate.ts';

export function sameCertificates(a: readonly Certificate[], b: readonly Certificate[]): boolean {
  return a.length === b.length && a.every(({ raw }, index) => equalBytes(raw, b[index]?.raw ?? new Uint8Array()));
}
