/** Settings that were accepted are the same when they are read again, at the next start. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { authoritySettings } from '../settings/authority-settings.ts';
import { canonicalJson } from './canonical-json.ts';
import { lastAccepted } from './last-accepted.ts';

const place = { trustDomain: 'corp.internal', ownerUid: 1000 };

/** As in a file that sets what can be set in each section, in its least simple form. */
const everything = {
  audit: { export: ['tcp://log.internal:601', 'https://collector.internal:4318'] },
  administrators: {
    socket: { path: '/run/countersign/administrators.sock', group: 0 },
    users: { '1007': ['auditor'] },
    certificates: { carol: ['root', 'auditor'] },
    persons: 1,
  },
  profiles: {
    db: {
      names: { dns: ['*.db.internal'], spiffe: ['/db/*'], ip: ['10.20.0.0/16'], email: ['*@example.test'] },
      life: { least: '5m', default: '1h', most: '12h' },
      renewAfterExpiry: '0s',
      keys: ['P-256', 'RSA'],
      usages: ['serverAuth', '1.3.6.1.5.5.7.3.2'],
      crl: ['http://crl.internal/db.crl'],
      subject: { organization: 'Example' },
    },
  },
  telemetry: {
    listen: '[::1]:9464',
    peers: ['spiffe://corp.internal/scraper'],
    log: { level: 'debug', format: 'json' },
    otlp: { endpoint: 'http://127.0.0.1:4318', sample: 0.5 },
  },
  tidy: { certificateDays: 30, revocationDays: 30, tokenDays: 7 },
};

test('every section of accepted settings comes back as it was', async () => {
  const settings = authoritySettings.parse(everything);
  const content = canonicalJson(settings);
  const memory = { accepted: () => Promise.resolve({ content, acceptedAtMs: 0 }) };
  const found = await lastAccepted(memory, place);
  assert.deepEqual(found.settings, settings);
  assert.equal(canonicalJson(found.settings), content);
  assert.deepEqual([...found.administrators.rolesOf('uid:1007')], ['auditor']);
});

test('before any were accepted, the owner is alone', async () => {
  const { administrators } = await lastAccepted({ accepted: () => Promise.resolve(undefined) }, place);
  assert.deepEqual([...administrators.people.keys()], ['uid:1000']);
  assert.equal(administrators.personsFor('root'), 1);
});
