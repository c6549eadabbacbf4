/** Whether the certificates of one input make a chain: who of them issued whom, by name and signature. */
import type { InspectedCertificate } from '../../identity/x509/index.ts';
import { issued } from './describe-certificate.ts';
import type { Described, IssuedBy } from './described.ts';

/** A chain has a handful; in a longer list each is compared with the one after it alone, since names may all be the same. */
const mostCompared = 50;

/** @param seen the certificates among `described`, in their order */
export function withIssuers(described: readonly Described[], seen: readonly InspectedCertificate[]): Described[] {
  if (seen.length < 2) return [...described];
  const places = described.flatMap((object, place) => (object.kind === 'certificate' ? [place] : []));
  return described.map((object, place) => {
    const at = places.indexOf(place);
    return object.kind === 'certificate' ? { ...object, issuedBy: issuedBy(at, seen, places) } : object;
  });
}

function issuedBy(at: number, seen: readonly InspectedCertificate[], places: readonly number[]): IssuedBy {
  const [certificate, next] = [seen[at], seen[at + 1]];
  if (certificate === undefined) throw new TypeError('each certificate that is described was seen');
  const byNext = next === undefined ? 'not known' : issued(certificate, next);
  const index = byNext === 'yes' ? at + 1 : issuerAmong(at, certificate, seen);
  return { index: places[index] ?? null, next: byNext === 'not known' ? null : byNext === 'yes' };
}

function issuerAmong(at: number, certificate: InspectedCertificate, seen: readonly InspectedCertificate[]): number {
  if (seen.length > mostCompared) return -1;
  return seen.findIndex((other, place) => place !== at && issued(certificate, other) === 'yes');
}
