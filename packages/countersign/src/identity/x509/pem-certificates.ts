/** Certificates from PEM text. */
import { parsePem } from '../../ground/encoding/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import { type Certificate, parseCertificate } from './certificate.ts';

/** Every certificate of `text`, in order; a block of another kind is refused. */
export function readCertificatesPem(text: string): Certificate[] {
  return parsePem(text).map(({ label, bytes }) => {
    if (label !== 'CERTIFICATE') throw new Refusal('CS-PEM-002', { expected: 'CERTIFICATE', found: label });
    return parseCertificate(bytes);
  });
}
