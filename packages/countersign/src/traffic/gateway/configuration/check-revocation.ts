/** What the schema can not see of how revocation reaches the gateway: addresses, means that go without one another, credentials that are not there. */
import type { FeedSettings, GatewayFile, RevocationSettings } from './gateway-file.ts';
import { isAddress } from './is-address.ts';
import type { ProblemList } from './problems.ts';

export function checkRevocation({ trust, credentials }: GatewayFile, problems: ProblemList): void {
  for (const [domain, { revocation, feed }] of Object.entries(trust)) {
    if (revocation !== undefined) checkMeans(domain, revocation, problems);
    if (feed !== undefined) checkFeed(domain, feed, Object.keys(credentials), problems);
  }
}

function checkMeans(domain: string, settings: RevocationSettings, problems: ProblemList): void {
  const place = ['trust', domain, 'revocation'];
  const { crl, crlFromCertificates, ocsp } = settings;
  crl.forEach((source, at) => {
    if (isAddress(source) && !isHttp(source))
      problems.wrongValue([...place, 'crl', at], 'an address begins with http://: what is fetched is signed');
  });
  if (ocsp !== undefined && ocsp !== 'named' && !isHttp(ocsp))
    problems.wrongValue([...place, 'ocsp'], 'an address that begins with http://, or named');
  if (crl.length === 0 && !crlFromCertificates && ocsp === undefined)
    problems.wrongValue(place, 'nothing is asked: crl, crlFromCertificates or ocsp is needed');
}

function checkFeed(
  domain: string,
  { socket, url, credential }: FeedSettings,
  known: readonly string[],
  problems: ProblemList,
): void {
  const place = ['trust', domain, 'feed'];
  const isWhole = socket === undefined ? url !== undefined && credential !== undefined : !(url ?? credential);
  if (!isWhole) problems.wrongValue(place, 'either socket, or url and credential');
  if (credential !== undefined && !known.includes(credential))
    problems.unknownName([...place, 'credential'], 'credential', credential, known);
}

function isHttp(source: string): boolean {
  return /^http:\/\//i.test(source) && URL.canParse(source);
}
