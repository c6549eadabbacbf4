import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseDnsPattern } from './dns-pattern.ts';
import { parseIpRange } from './ip-range.ts';
import { parseMailboxPattern } from './mailbox-pattern.ts';
import { parsePathPattern } from './path-pattern.ts';
import { type NameRules, type Profile, serviceProfile } from './profile.ts';
import { profileSet } from './profile-set.ts';
import { widens } from './widens.ts';

const pattern = <T>(parsed: T | string): T => (typeof parsed === 'string' ? assert.fail(parsed) : parsed);
const dns = (...texts: string[]) => texts.map((text) => pattern(parseDnsPattern(text)));
const mail = (...texts: string[]) => texts.map((text) => pattern(parseMailboxPattern(text)));
const paths = (...texts: string[]) => texts.map((text) => pattern(parsePathPattern(text)));

const names: NameRules = { ...serviceProfile.names, dns: dns('*.db.internal'), spiffe: paths('/db/*') };
const base: Profile = {
  ...serviceProfile,
  name: 'db',
  names,
  keyTypes: ['P-256'],
  subject: { commonName: true, organization: 'Example' },
  revocation: { crl: ['http://crl.internal/a.crl'], ocsp: ['http://ocsp.internal'], noRevAvail: false },
};
const told = (before: Profile, after: Profile): string[] =>
  widens(profileSet([before]), profileSet([after])).map(({ allows }) => allows);

test('what allows more of anything widens, and says what', () => {
  const wider: readonly [Partial<Profile>, RegExp][] = [
    [{ names: { ...names, dns: dns('*.db.internal', 'web.internal') } }, /DNS names that fit web\.internal/],
    [{ names: { ...names, dns: dns('**.internal') } }, /DNS names/],
    [{ names: { ...names, spiffe: paths('/db/**') } }, /SPIFFE IDs/],
    [{ names: { ...names, spiffe: [] } }, /first DNS name/],
    [{ names: { ...names, ip: [pattern(parseIpRange('10.0.0.0/8'))] } }, /IP addresses/],
    [{ names: { ...names, email: mail('*@example.test') } }, /mailboxes that fit \*@example\.test/],
    [{ names: { ...names, source: 'request' } }, /request chooses/],
    [
      { names: { ...names, source: 'profile', dns: [], spiffe: [], fixed: ['web.internal'] } },
      /the name web\.internal/,
    ],
    [{ life: { ...base.life, longestMs: base.life.longestMs + 1 } }, /longer life/],
    [{ renewAfterExpiryMs: base.renewAfterExpiryMs + 1 }, /renewal/],
    [{ keyTypes: ['P-256', 'RSA'] }, /type RSA/],
    [{ keyUsage: ['digitalSignature', 'keyAgreement'] }, /keyAgreement/],
    [{ extendedKeyUsage: [...base.extendedKeyUsage, '1.2.3'] }, /1\.2\.3/],
    [{ policies: ['1.2.3'] }, /1\.2\.3/],
    [{ subject: { commonName: true, organization: 'Other' } }, /organization/],
    [{ revocation: { crl: [], ocsp: [], noRevAvail: true } }, /nowhere/],
    [{ revocation: { ...base.revocation, crl: [] } }, /revocation list/],
    [{ revocation: { ...base.revocation, ocsp: [] } }, /OCSP/],
  ];
  for (const [over, what] of wider) assert.match(told(base, { ...base, ...over }).join('; '), what);
  const critical = { ...base, extendedKeyUsageCritical: true };
  assert.match(told(critical, base).join(), /passes over/);
  const fixed = {
    ...base,
    names: { ...names, source: 'profile' as const, dns: [], spiffe: [], fixed: ['a.db.internal'] },
  };
  assert.match(told(fixed, base).join(), /other names/);
});

test('what takes away, or changes nothing, does not', () => {
  const narrower: readonly Partial<Profile>[] = [
    {},
    { names: { ...names, dns: dns('a.db.internal', 'b-*.db.internal') } },
    { names: { ...names, dns: [] } },
    { names: { ...names, spiffe: paths('/db/one') } },
    { life: { shortestMs: 60_000, defaultMs: 60_000, longestMs: 60_000 } },
    { renewAfterExpiryMs: 0 },
    { extendedKeyUsage: base.extendedKeyUsage.slice(0, 1) },
    { extendedKeyUsageCritical: true },
    { subject: { commonName: false } },
    { revocation: { ...base.revocation, crl: [...base.revocation.crl, 'http://b.internal/b.crl'] } },
  ];
  for (const over of narrower) assert.deepEqual(told(base, { ...base, ...over }), []);
  const names2 = { ...names, spiffe: [] };
  const fixed: NameRules = { ...names2, source: 'profile', dns: [], fixed: ['a.db.internal'] };
  assert.deepEqual(told({ ...base, names: names2 }, { ...base, names: fixed }), []);
  assert.deepEqual(widens(profileSet([base]), profileSet()), []);
});

test('mailboxes widen by what the patterns of before do not fit', () => {
  const given = (...texts: string[]): Profile => ({ ...base, names: { ...names, email: mail(...texts) } });
  assert.deepEqual(told(given('*@*.test'), given('ops@a.test', '*@b.test')), []);
  assert.deepEqual(told(given('ops@a.test'), given('*@a.test')), ['mailboxes that fit *@a.test']);
});

test('a new profile widens, unless one of before allows all that it does', () => {
  const part = { ...serviceProfile, name: 'part', keyTypes: ['P-256'] as const };
  assert.deepEqual(widens(profileSet(), profileSet([part])), []);
  const more = { ...part, keyTypes: ['RSA'] as const };
  assert.deepEqual(
    widens(profileSet(), profileSet([more])).map(({ profile }) => profile),
    ['part'],
  );
});
