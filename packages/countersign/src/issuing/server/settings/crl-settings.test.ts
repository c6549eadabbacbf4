import assert from 'node:assert/strict';
import { test } from 'node:test';

import { authoritySettings } from './authority-settings.ts';
import { listRules, ownListOf } from './crl-settings.ts';
import { toProfileSet } from './profiles-section.ts';

const problems = (settings: unknown): string[] =>
  (authoritySettings.safeParse(settings).error?.issues ?? []).map(
    ({ path, message }) => `${path.join('.')}: ${message}`,
  );

test("a profile that says 'own' gives the authority's own list, where the settings say where it is", () => {
  const profiles = { web: { crl: ['own'] } };
  assert.deepEqual(problems({ crl: { url: 'http://crl.internal', shards: 4 }, profiles }), []);
  assert.match(problems({ crl: {}, profiles }).join(), /^profiles\.web\.crl: .*'url' in the section 'crl'/);
  const settings = authoritySettings.parse({ crl: { url: 'http://crl.internal', shards: 4 }, profiles });
  const { revocation } = toProfileSet(settings.profiles, ownListOf(settings)).require('web');
  assert.deepEqual(revocation.crl, ['http://crl.internal/crl/{issuer}/4-{shard}.crl']);
});

test('what can not be is refused', () => {
  for (const url of ['http://crl.internal/', 'crl.internal', 'http://crl.internal?x', 'ftp://crl.internal'])
    assert.match(problems({ crl: { url } }).join(), /^crl\.url/, url);
  assert.match(problems({ crl: { shards: 3 } }).join(), /power of two/);
  assert.match(problems({ crl: { life: '1m' } }).join(), /^crl\.life/);
  assert.match(problems({ crl: { life: '1h', deltaLife: '2h' } }).join(), /^crl\.deltaLife/);
  assert.deepEqual(listRules({ life: '30m' }), {
    url: undefined,
    shards: 1,
    lifeMs: 1_800_000,
    deltaLifeMs: 1_800_000,
  });
});
