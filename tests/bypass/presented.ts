/** What an attacker hands to node:tls: any chain, any key. */
import { encodePem } from '../../packages/countersign/src/ground/encoding/index.ts';
import type { Credential } from '../../packages/countersign/src/runtime/tls/index.ts';

export interface Presented {
  readonly cert: string;
  readonly key: string;
}

/** @param filler certificates that are put after the chain, or (with their places) into it */
export function presented({ chain, privateKey }: Credential): Presented {
  return { cert: pemOf(chain), key: privateKey.toPem() };
}

export function pemOf(chain: readonly Uint8Array[]): string {
  return chain.map((der) => encodePem('CERTIFICATE', der)).join('');
}

export type TlsVersion = 'TLSv1.2' | 'TLSv1.3';

export function exactly(version: TlsVersion): { minVersion: TlsVersion; maxVersion: TlsVersion } {
  return { minVersion: version, maxVersion: version };
}
