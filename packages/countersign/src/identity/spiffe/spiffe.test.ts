import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isRefusal } from '../../ground/errors/index.ts';
import { makeRoot, makeService } from '../../../../../tests/fixtures/certificates.ts';
import {
  basicConstraintsExtension,
  type Certificate,
  type KeyUsage,
  keyUsageExtension,
  subjectAltNameExtension,
} from '../x509/index.ts';
import { type Bundle, BundleSet, parseSpiffeId, parseTrustDomain, SpiffeId, svidId } from './index.ts';

function refuses(act: () => unknown, code: string, rule: string): void {
  assert.throws(act, (error: unknown) => {
    assert.ok(isRefusal(error), String(error));
    assert.equal(error.code, code);
    assert.equal(error.evidence.rule, rule);
    return true;
  });
}

test('IDs of the standard are read and come back as they were', () => {
  const good: readonly (readonly [string, string, string])[] = [
    ['spiffe://dev.internal', 'dev.internal', ''],
    ['spiffe://dev.internal/web', 'dev.internal', '/web'],
    ['spiffe://dev.internal/ns/shop/sa/web', 'dev.internal', '/ns/shop/sa/web'],
    ['spiffe://a_b-c.9/A.b_C-9', 'a_b-c.9', '/A.b_C-9'],
    ['spiffe://1.2.3.4/x', '1.2.3.4', '/x'],
    ['spiffe://a/.../x', 'a', '/.../x'],
    ['spiffe://a/.x/x.', 'a', '/.x/x.'],
    [`spiffe://${'a'.repeat(255)}/x`, 'a'.repeat(255), '/x'],
    [`spiffe://a/${'x'.repeat(2037)}`, 'a', `/${'x'.repeat(2037)}`],
  ];
  for (const [text, trustDomain, path] of good) {
    const id = parseSpiffeId(text);
    assert.ok(id instanceof SpiffeId);
    assert.deepEqual([id.trustDomain, id.path], [trustDomain, path]);
    assert.equal(id.toString(), text);
  }
});

test('whatever the standard does not write is refused, with the rule', () => {
  const bad: readonly (readonly [string, string])[] = [
    ['', 'does not begin with "spiffe://"'],
    ['web', 'does not begin with "spiffe://"'],
    ['SPIFFE://dev.internal/web', 'does not begin with "spiffe://"'],
    ['https://dev.internal/web', 'does not begin with "spiffe://"'],
    ['spiffe:/dev.internal/web', 'does not begin with "spiffe://"'],
    [' spiffe://dev.internal/web', 'does not begin with "spiffe://"'],
    ['spiffe://', 'the trust domain is empty'],
    ['spiffe:///web', 'the trust domain is empty'],
    ['spiffe://Dev.internal/web', 'a character that a trust domain may not have'],
    ['spiffe://dev.internal:443/web', 'a character that a trust domain may not have'],
    ['spiffe://user@dev.internal/web', 'a character that a trust domain may not have'],
    ['spiffe://dev%2einternal/web', 'a character that a trust domain may not have'],
    ['spiffe://dev.internal?x', 'a character that a trust domain may not have'],
    ['spiffe://dev.internal#x', 'a character that a trust domain may not have'],
    ['spiffe://dév/x', 'a character that a trust domain may not have'],
    ['spiffe://dev\n/x', 'a character that a trust domain may not have'],
    ['spiffe://[::1]/x', 'a character that a trust domain may not have'],
    [`spiffe://${'a'.repeat(256)}/x`, 'a trust domain longer than 255 characters'],
    ['spiffe://dev.internal/', 'an empty path segment or a slash at the end'],
    ['spiffe://dev.internal/web/', 'an empty path segment or a slash at the end'],
    ['spiffe://dev.internal//web', 'an empty path segment or a slash at the end'],
    ['spiffe://dev.internal/./web', 'a relative path segment'],
    ['spiffe://dev.internal/a/..', 'a relative path segment'],
    ['spiffe://dev.internal/we b', 'a character that a path may not have'],
    ['spiffe://dev.internal/web\n', 'a character that a path may not have'],
    ['spiffe://dev.internal/%77eb', 'a character that a path may not have'],
    ['spiffe://dev.internal/web?x=1', 'a character that a path may not have'],
    ['spiffe://dev.internal/web#x', 'a character that a path may not have'],
    ['spiffe://dev.internal/wéb', 'a character that a path may not have'],
    ['spiffe://dev.internal/*', 'a character that a path may not have'],
    ['spiffe://dev.internal/web\0', 'a character that a path may not have'],
    [`spiffe://a/${'x'.repeat(2038)}`, 'longer than 2048 characters'],
  ];
  for (const [text, rule] of bad) refuses(() => parseSpiffeId(text), 'CS-SPIFFE-001', rule);
  refuses(() => parseTrustDomain('dev.internal/x'), 'CS-SPIFFE-001', 'a character that a trust domain may not have');
  refuses(
    () => parseTrustDomain('spiffe://dev.internal'),
    'CS-SPIFFE-001',
    'a character that a trust domain may not have',
  );
  refuses(() => parseTrustDomain(''), 'CS-SPIFFE-001', 'the trust domain is empty');
  assert.equal(parseTrustDomain('dev.internal'), 'dev.internal');
});

test('an accepted ID always comes back as its own text', () => {
  const unit = fc.constantFrom(...'spiffe:/ABab09._-%?#@ \n*'.split(''));
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 30 }), (rest) => {
      const text = `spiffe://${rest}`;
      try {
        assert.equal(parseSpiffeId(text).toString(), text);
      } catch (error) {
        assert.ok(isRefusal(error), String(error));
      }
    }),
  );
});

const root = makeRoot();
const signing: readonly KeyUsage[] = ['digitalSignature'];

function certificateWith(
  uri: readonly string[],
  usages: readonly KeyUsage[] = signing,
  more: readonly Uint8Array[] = [],
): Certificate {
  const usage = usages.length === 0 ? [] : [keyUsageExtension(usages)];
  const names = subjectAltNameExtension({ dns: ['web.internal'], uri }, true);
  return makeService(root, { extensions: [...usage, names, ...more] }).certificate;
}

const web = 'spiffe://dev.internal/web';

test('an X509-SVID has one URI name, which is its ID', () => {
  assert.equal(svidId(certificateWith([web]))?.toString(), web);
  assert.equal(svidId(certificateWith([web], ['digitalSignature', 'keyAgreement']))?.path, '/web');
  assert.equal(svidId(certificateWith([])), undefined);
  assert.equal(svidId(certificateWith(['https://a', 'https://b'])), undefined);
});

test('a certificate that carries an ID and breaks a rule of X509-SVIDs is refused', () => {
  const breaks = (certificate: Certificate, rule: string): void =>
    refuses(() => svidId(certificate), 'CS-SPIFFE-002', rule);
  breaks(certificateWith([web, web]), 'more than one URI name');
  breaks(certificateWith([web, 'https://a']), 'more than one URI name');
  breaks(certificateWith(['https://a', web]), 'more than one URI name');
  breaks(certificateWith(['spiffe://dev.internal']), 'the ID of an end-entity has no path');
  breaks(certificateWith([web], signing, [basicConstraintsExtension({ ca: true })]), 'cA is true');
  breaks(certificateWith([web], []), 'keyUsage is absent');
  breaks(certificateWith([web], ['keyAgreement']), 'keyUsage without digitalSignature');
  for (const usage of ['keyCertSign', 'cRLSign'] as const) {
    breaks(certificateWith([web], ['digitalSignature', usage]), 'keyUsage of an authority');
  }
  refuses(() => svidId(certificateWith(['spiffe:web'])), 'CS-SPIFFE-001', 'does not begin with "spiffe://"');
  refuses(
    () => svidId(certificateWith(['SPIFFE://dev.internal/web'])),
    'CS-SPIFFE-001',
    'does not begin with "spiffe://"',
  );
});

test('bundles are kept apart by trust domain', () => {
  const bundle = (trustDomain: string, sequence: number): Bundle => ({
    trustDomain,
    anchors: [root.certificate],
    intermediates: [],
    sequence,
  });
  const set = new BundleSet('dev.internal', [bundle('dev.internal', 1), bundle('partner.example', 1)]);
  assert.equal(set.home, 'dev.internal');
  assert.equal(set.get('dev.internal')?.sequence, 1);
  for (const stranger of ['DEV.internal', 'internal', '', '__proto__', 'toString'])
    assert.equal(set.get(stranger), undefined);
  const next = set.with(bundle('dev.internal', 2));
  assert.equal(next.get('dev.internal')?.sequence, 2);
  assert.equal(next.home, 'dev.internal');
  assert.deepEqual(
    next
      .all()
      .map(({ trustDomain }) => trustDomain)
      .toSorted(),
    ['dev.internal', 'partner.example'],
  );
  assert.equal(set.get('dev.internal')?.sequence, 1, 'a set never changes');
  (set.all() as Bundle[]).pop();
  assert.equal(set.all().length, 2);
  assert.throws(() => new BundleSet('a', [bundle('a', 1), bundle('a', 2)]), TypeError);
});
