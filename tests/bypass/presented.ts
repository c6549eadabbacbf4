/** What an attacker hands to node:tls: any chain, any key. */

export { pemOfAll as pemOf, presented, type Presented } from '../fixtures/presented.ts';

export type TlsVersion = 'TLSv1.2' | 'TLSv1.3';

export function exactly(version: TlsVersion): { minVersion: TlsVersion; maxVersion: TlsVersion } {
  return { minVersion: version, maxVersion: version };
}
