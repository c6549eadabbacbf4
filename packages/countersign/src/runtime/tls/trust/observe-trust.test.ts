/** The metrics of a trust, and their page. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { systemClock } from '../../../ground/clock/index.ts';
import { allowAnyPeer, type PeerPolicy, spiffeId } from '../../../identity/authorization/index.ts';
import { withoutRevocation } from '../../../identity/revocation/index.ts';
import { TestAuthority } from '../../../surfaces/testing/index.ts';
import { Metrics } from '../../telemetry/index.ts';
import { createPeerVerifier, fixedSource, MutableSource, observeTrust, Trust } from '../index.ts';
import { LiveConnection } from './live-connection.ts';

const page = new URL('../../../../../../docs/telemetry.md', import.meta.url);

test('what was closed is counted by its code, beside what lives', async () => {
  const authority = new TestAuthority();
  const bundles = fixedSource(authority.bundles());
  const trust = new Trust({ bundles, revocations: fixedSource(withoutRevocation), clock: systemClock });
  const policy = new MutableSource<PeerPolicy>(allowAnyPeer());
  const verifier = createPeerVerifier({ peer: 'client', policy, trust, clock: systemClock });
  for (const name of ['web', 'cron']) {
    const peer = verifier.verify(authority.issue(name).chain);
    new LiveConnection({ peer, trust, verifier, close: () => undefined });
  }
  const metrics = new Metrics();
  observeTrust(metrics, trust);
  policy.set(spiffeId('spiffe://test.internal/cron'));
  await trust.settled();
  const samples = (await metrics.read()).flatMap(({ name, samples: read }) =>
    read.map(({ suffix, labels, value }) => [`${name}${suffix}`, ...labels.map(([, text]) => text), value]),
  );
  assert.deepEqual(samples, [
    ['countersign_tls_closed_total', 'CS-PEER-007', 1],
    ['countersign_tls_live_connections', 1],
    ['countersign_tls_trust_epoch', 2],
    ['countersign_tls_recheck_pending', 0],
  ]);
  const written = readFileSync(page, 'utf8').replace(/ {2,}/g, ' ');
  for (const { name, type, labelNames, help } of metrics.describe()) {
    const shown = type === 'counter' ? `${name}_total` : name;
    const labels = labelNames.map((label) => `\`${label}\``).join(', ');
    assert.ok(written.includes(`| \`${shown}\` | ${labels}${labels === '' ? '' : ' '}| ${type} | ${help} |`), shown);
  }
});
