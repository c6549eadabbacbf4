/** What the means leave to the feed, and that nothing is left to it where none is followed. */
import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../../../ground/clock/index.ts';
import { allowAnyPeer } from '../../../identity/authorization/index.ts';
import { withoutRevocation } from '../../../identity/revocation/index.ts';
import { createPeerVerifier, fixedSource, type StatusQuestion, Trust } from '../../../runtime/tls/index.ts';
import { goodForEver, TestAuthority, ToldCheck } from '../../../surfaces/testing/index.ts';
import { openStatusMeans } from './status-means.ts';

const authority = new TestAuthority();
const bundles = fixedSource(authority.bundles());
const clock = systemClock;

/** The question that a verifier asks of its checks about a certificate of the authority's issuer. */
function question(): StatusQuestion {
  let asked: StatusQuestion | undefined;
  const check = new ToldCheck((given) => {
    asked = given;
    return goodForEver;
  });
  const trust = new Trust({ bundles, revocations: fixedSource(withoutRevocation), clock, statusChecks: [check] });
  createPeerVerifier({ peer: 'client', policy: allowAnyPeer(), trust, clock }).verify(authority.issue('web').chain);
  trust.close();
  assert.ok(asked !== undefined);
  return asked;
}

/** What is said of the certificate, and of its issuer's own, where nobody has a list. */
async function said(toldByFeed: typeof bundles | undefined): Promise<readonly string[]> {
  const means = openStatusMeans(
    {
      lists: [{ file: join(tmpdir(), 'no-such-list.crl') }],
      ...{ listsFromCertificates: false, ocsp: 'none', undetermined: 'refuse', privateRanges: 'refuse' },
    },
    { clock, toldByFeed, onWarning: () => undefined },
  );
  await means.settled();
  const [check] = means.trustOptions.statusChecks ?? [];
  const statuses = check?.ask(question()).map(({ status }) => status) ?? [];
  means.close();
  return statuses;
}

test("the own authority's certificates need no list where its feed tells of them, and one where no feed is followed", async () => {
  assert.deepEqual(await said(bundles), ['notCovered', 'undetermined']);
  assert.deepEqual(await said(undefined), ['undetermined', 'undetermined']);
});
