/** A bundle of the feed with its certificates read. */
import { isRefusal } from '../../ground/errors/index.ts';
import type { Bundle } from '../spiffe/index.ts';
import { readCertificatesPem, type Certificate } from '../x509/index.ts';
import type { FeedBundle } from './feed-message.ts';
import { malformed } from './strict-fields.ts';

/** @throws CS-FEED-001 where a certificate of it cannot be read */
export function bundleOf({ trustDomain, sequence, anchors, intermediates }: FeedBundle): Bundle {
  return {
    trustDomain,
    sequence,
    anchors: anchors.map(onlyCertificate),
    intermediates: intermediates.map(onlyCertificate),
  };
}

function onlyCertificate(pem: string): Certificate {
  let certificates: Certificate[];
  try {
    certificates = readCertificatesPem(pem);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    throw malformed('each certificate of the bundle can be read', error);
  }
  const [certificate] = certificates;
  if (certificate === undefined || certificates.length !== 1)
    throw malformed('one certificate in each PEM text of the bundle');
  return certificate;
}
