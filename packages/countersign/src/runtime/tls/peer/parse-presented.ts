/** What a peer presented, parsed within bounds: its leaf, and what beside it could be an intermediate. */
import { isRefusal, Refusal } from '../../../ground/errors/index.ts';
import { type Certificate, parseCertificate } from '../../../identity/x509/index.ts';
import { peerRefusalOf } from './path-refusal.ts';

/** Bytes of one certificate. Our own choice: those of our profiles take about 600, the largest seen in the wild below 16 KiB. */
const mostCertificateBytes = 32 * 1024;

/** Certificates presented beside the leaf that are looked at. Our own choice; path building stops at 6 intermediates. */
const mostPresented = 8;

export function parseLeaf(der: Uint8Array): Certificate {
  if (der.length > mostCertificateBytes) {
    throw new Refusal('CS-PEER-006', { subject: 'not read', reason: `larger than ${mostCertificateBytes} bytes` });
  }
  try {
    return parseCertificate(der);
  } catch (error) {
    if (isRefusal(error)) throw peerRefusalOf(error, 'not readable');
    throw error;
  }
}

/** Of what was presented beside the leaf: those that could be intermediates. The rest is filler and counts for nothing. */
export function intermediatesOf(presented: readonly Uint8Array[]): readonly Certificate[] {
  return presented.slice(0, mostPresented).flatMap((der) => {
    try {
      const certificate = der.length > mostCertificateBytes ? undefined : parseCertificate(der);
      return certificate?.basicConstraints?.ca === true ? [certificate] : [];
    } catch (error) {
      if (isRefusal(error)) return [];
      throw error;
    }
  });
}
