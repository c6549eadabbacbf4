import assert from 'node:assert/strict';
import { test } from 'node:test';

import { manualClock } from '../../ground/clock/index.ts';
import type { AuditEvent } from '../../runtime/audit/index.ts';
import { MutableSource } from '../../runtime/tls/index.ts';
import { profileSource } from './profile-source.ts';
import type { ServerEvent } from './server-event.ts';
import type { AuthoritySettings } from './settings/authority-settings.ts';
import { widenedProfiles } from './settings/widened-profiles.ts';

const narrow: AuthoritySettings = { profiles: { db: { names: { dns: ['*.db.internal'] } } } };
const wide: AuthoritySettings = { profiles: { db: { names: { dns: ['**.internal'] } } } };

test('a changed section swaps all profiles at once, and is told and recorded with what it allows', async () => {
  const settings = new MutableSource<AuthoritySettings>(narrow);
  const told: ServerEvent[] = [];
  const recorded: AuditEvent[] = [];
  const source = profileSource({
    settings,
    audit: {
      append: async (events) => {
        recorded.push(...events);
        return { sequence: recorded.length, hash: '', atMs: 1 };
      },
    },
    clock: manualClock(1),
    log: (event) => told.push(event),
  });
  const before = source.current();
  settings.set({ ...narrow, telemetry: {} });
  assert.equal(source.current(), before, 'another section is none of its business');
  settings.set(wide);
  assert.notEqual(source.current(), before);
  assert.equal(source.current().require('db').names.dns[0]?.text, '**.internal');
  const widens = ['db: DNS names that fit **.internal'];
  assert.deepEqual(told, [{ event: 'profiles', names: ['db', 'service'], widens }]);
  await new Promise(setImmediate);
  assert.deepEqual(
    recorded.map(({ action, facts }) => [action, facts['widens']]),
    [['profile.swap', widens]],
  );
  source.close();
  settings.set(narrow);
  assert.equal(told.length, 1);
});

test('what widens takes those who decide on issuers; what narrows takes nobody', () => {
  assert.deepEqual(widenedProfiles(narrow, wide), [
    { role: 'issuer', what: 'profile db: DNS names that fit **.internal' },
  ]);
  assert.deepEqual(widenedProfiles(wide, narrow), []);
  assert.deepEqual(widenedProfiles(narrow, {}), []);
});
