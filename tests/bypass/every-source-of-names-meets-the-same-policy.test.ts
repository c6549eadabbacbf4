/**
 * Class K. A name that the policy refuses comes from another source than the one that is looked at: the token, the request's subjectAltName of each type, its
 * subject, the profile, the record of what is renewed. Names with stars, metacharacters, "..", percent-encoding, capitals, other scripts. Nothing is issued.
 * Stands for: OpenBao GHSA-g892-p242-8g86, GHSA-59w7-v8rr-pr4p; SPIRE CVE-2021-27099.
 */
import assert from 'node:assert/strict';
import { after, before, test, type TestContext } from 'node:test';
import { encodePem } from '../../packages/countersign/src/ground/encoding/index.ts';
import { isRefusal } from '../../packages/countersign/src/ground/errors/index.ts';
import {
  encodeCertificationRequestInfo,
  encodeName,
  encodeSigned,
  type GeneralNames,
  parseCertificate,
} from '../../packages/countersign/src/identity/x509/index.ts';
import { createEnrollment, enroll, renew } from '../../packages/countersign/src/issuing/enrollment-server/index.ts';
import { authoritySettings, toProfileSet } from '../../packages/countersign/src/issuing/server/index.ts';
import { generatePrivateKey } from '../../packages/countersign/src/runtime/cryptography/index.ts';
import { type EnrollmentHouse, enrollmentHouse, peerOf, requestFor } from '../authority/enrollment-house.ts';

const key = generatePrivateKey('P-256');

/** The widest that a profile can be. */
const all = { dns: ['**'], spiffe: ['/**'], ip: ['10.0.0.0/8'], email: ['*@**.internal'] };
const widest = {
  asked: { names: { from: 'request', ...all } },
  told: { names: { from: 'token', ...all } },
  narrow: { names: { from: 'request', dns: ['*.shop.internal'], spiffe: ['/ns/*/sa/web'] } },
} as const;

const id = (path: string): string => `spiffe://dev.internal${path}`;

/** What no source may bring in, by the type of subjectAltName in which it would come; also where every pattern is a star. */
const hostile: Readonly<Record<'dns' | 'uri' | 'ip' | 'email', readonly string[]>> = {
  dns: [
    ...[
      '*',
      '*.internal',
      '**.internal',
      'w*b.internal',
      'web.*',
      '?.internal',
      '.*',
      '(a|b).internal',
      '[a-z]+',
      '^web$',
    ],
    ...[
      '$(id).internal',
      '${name}',
      '{{name}}',
      '%77eb.internal',
      'web%2einternal',
      'web..internal',
      '.internal',
      'web.internal.',
    ],
    ...[
      'web\0.internal',
      'web internal',
      'web,db',
      'web\ndb',
      'w\u00e9b.internal',
      '\uff57eb.internal',
      'a'.repeat(64),
    ],
  ],
  uri: [
    ...[
      '/a/../countersign/authority',
      '/..',
      '/.',
      '/a/./b',
      '/a/%2e%2e/b',
      '/%2E%2E/b',
      '/a%2fb',
      '/%63ountersign/authority',
      '/a//b',
    ],
    ...[
      '/a/',
      '//web',
      '/*',
      '/**',
      '/a/*/b',
      '/a?b',
      '/a#b',
      '/a\\..\\b',
      '/a;b',
      '/a\0',
      '/ a',
      '/w\u00e9b',
      '/\uff57eb',
      '/\u202eweb',
    ],
    ...[
      '/countersign/authority',
      '/Countersign/authority',
      '/COUNTERSIGN',
      '/counters\u0131gn/authority',
      '/countersign/administrator/all',
      '',
    ],
  ].map(id),
  ip: ['127.0.0.1', '11.0.0.1', '::1', '::ffff:10.0.0.1'],
  email: [
    'ops@other.test',
    '*@mail.internal',
    'ops@*.internal',
    'ops@@mail.internal',
    'ops@mail.internal,x',
    'ops@internal',
  ],
};
const otherIds: readonly string[] = [
  ...[
    'spiffe://other.internal/web',
    'spiffe://DEV.internal/web',
    'SPIFFE://dev.internal/web',
    'spiffe://dev.internal./web',
  ],
  ...[
    'spiffe://dev.internal:443/web',
    'spiffe://user@dev.internal/web',
    'https://dev.internal/web',
    'urn:dev.internal:web',
    '//dev.internal/web',
  ],
];

const everyName: readonly (readonly [keyof typeof hostile, string])[] = [
  ...Object.entries(hostile).flatMap(([type, names]) =>
    names.map((name) => [type as keyof typeof hostile, name] as const),
  ),
  ...otherIds.map((name) => ['uri', name] as const),
];

let house: EnrollmentHouse;
const ends: (() => unknown)[] = [];
before(async () => {
  // One for all of them: what it needs of a test is when it is over.
  const whole = { after: (end: () => unknown) => void ends.unshift(end) };
  house = await enrollmentHouse(whole as unknown as TestContext);
  house.setProfiles(...toProfileSet(widest).profiles.filter(({ name }) => name in widest));
});
after(async () => {
  for (const end of ends) await end();
});

async function countOf({ store }: EnrollmentHouse): Promise<number> {
  return (await store.inventory.page(undefined, 1000)).records.length;
}

/** By name: neither a mistake of ours nor silence. */
async function refused(what: string, act: Promise<unknown>): Promise<void> {
  await assert.rejects(
    act,
    (error) => {
      assert.ok(isRefusal(error), `${what}: ${String(error)}`);
      assert.match(error.code, /^CS-(?:AUTHORITY-00[36]|RENEW-009|X509-\d+|DER-\d+|NAME-\d+)$/, what);
      return true;
    },
    what,
  );
}

/** A request as an attacker writes it; `undefined` where the name has no form in which it could be sent. */
function written(names: Partial<GeneralNames>): string | undefined {
  try {
    return requestFor(key, names);
  } catch {
    return undefined;
  }
}

test('the names of a token: refused when it is made, and again when its record was tampered with', async () => {
  const had = await countOf(house);
  const token = await house.token(['web'], { profile: 'told' });
  const [record] = await house.store.tokens.find([token.id]);
  for (const [, name] of everyName) {
    await refused(`token ${name}`, house.token([name], { profile: 'told' }));
    await refused(`token web and ${name}`, house.token(['web', name], { profile: 'told' }));
    const find = async () => [{ ...record!, names: ['web', name] }];
    const tampered = createEnrollment({ ...house.enrollment, tokens: { ...house.enrollment.tokens, find } });
    await refused(`record ${name}`, enroll(tampered, { token, request: requestFor(key) }));
  }
  assert.equal(await countOf(house), had);
});

test('the names of a request, in each type of subjectAltName: alone, beside good ones, and beside those of a token', async () => {
  const had = await countOf(house);
  const free = await house.token([], { profile: 'asked' });
  const bound = await house.token(['web'], { profile: 'told' });
  let sent = 0;
  for (const [type, name] of everyName) {
    for (const good of [{}, { dns: ['web'] }, { dns: ['web'], uri: [id('/web')] }]) {
      const names = { ...good, [type]: [...((good as Partial<GeneralNames>)[type] ?? []), name] };
      const request = written(names);
      if (request === undefined) continue;
      sent++;
      await refused(`${type} ${name}`, enroll(house.enrollment, { token: free, request }));
      await refused(`${type} ${name} beside a token`, enroll(house.enrollment, { token: bound, request }));
    }
  }
  assert.ok(sent > 150, `${sent} requests`);
  assert.equal(await countOf(house), had);
});

test('types of names that no profile has are given by none', async () => {
  const { subject } = parseCertificate((await house.service('web')).issued.certificate);
  const had = await countOf(house);
  const types: Partial<GeneralNames> = {
    registeredId: ['1.2.3.4'],
    directory: [subject],
    // A userPrincipalName, by which a directory would log on.
    otherName: [{ type: '1.3.6.1.4.1.311.20.2.3', value: Uint8Array.of(0x0c, 1, 0x61) }],
    x400: [Uint8Array.of(0xa3, 0)],
    ediParty: [Uint8Array.of(0xa5, 4, 0xa1, 2, 0x0c, 0)],
  };
  for (const [type, values] of Object.entries(types)) {
    const request = requestFor(key, { dns: ['db'], [type]: values });
    const free = await house.token([], { profile: 'asked' });
    await refused(type, enroll(house.enrollment, { token: free, request }));
    await refused(`${type} beside a token`, enroll(house.enrollment, { token: await house.token(['db']), request }));
  }
  assert.equal(await countOf(house), had);
});

test("a request's subject is no source: whatever stands there, it is not in the certificate", async () => {
  for (const name of [
    '*.internal',
    'db',
    id('/countersign/authority'),
    'ops@mail.internal',
    '127.0.0.1',
    'web,CN=db',
  ]) {
    const subject = encodeName({ commonName: name });
    const info = encodeCertificationRequestInfo({
      subject,
      publicKey: key.publicKey.raw,
      subjectAltName: { dns: ['web'] },
    });
    const der = encodeSigned(info, key.signatureAlgorithm, key.sign(info));
    for (const [profile, names] of [
      ['asked', []],
      ['told', ['web']],
    ] as const) {
      const token = await house.token(names, { profile });
      const issued = await enroll(house.enrollment, { token, request: encodePem('CERTIFICATE REQUEST', der) });
      assert.deepEqual(issued.names, ['web', id('/web')]);
      const certificate = parseCertificate(issued.certificate);
      assert.equal(certificate.subject.text, 'CN=web');
      assert.deepEqual([certificate.subjectAltName.dns, certificate.subjectAltName.uri], [['web'], [id('/web')]]);
    }
  }
});

test('the names that a profile writes itself, and its patterns: a file with such a one is refused whole', () => {
  const taken = (names: object): boolean => authoritySettings.safeParse({ profiles: { own: { names } } }).success;
  assert.ok(taken({ from: 'profile', fixed: ['web', '/web'] }) && taken({ dns: ['*.internal'], spiffe: ['/ns/*'] }));
  for (const [type, name] of everyName) {
    // An address or a mailbox of the file's own choice is its owner's business: what is looked at is whether it is one.
    if (type === 'ip' || name === 'ops@other.test' || name === 'ops@internal' || name === '//dev.internal/web')
      continue;
    const fixed = name.startsWith(id('')) && name !== id('') ? name.slice(id('').length) : name;
    assert.ok(!taken({ from: 'profile', fixed: [fixed] }), `fixed ${fixed}`);
  }
  for (const spiffe of [
    '/ns/../*',
    '/%2e%2e/*',
    '/a//*',
    '/ns/*x',
    '/countersign/*',
    '/Countersign/**',
    '/w\u00e9b/*',
    'ns/*',
    '/(a|b)',
    '/a/**/b',
  ])
    assert.ok(!taken({ spiffe: [spiffe] }), spiffe);
  for (const dns of [
    'w*b.internal',
    '***',
    'web.**',
    '.*\\.internal',
    '(a|b).internal',
    'WEB.internal',
    '%2a.internal',
    'w\u00e9b.internal',
  ])
    assert.ok(!taken({ dns: [dns] }), dns);
});

test("a pattern's star is one label or one segment, and never what is written as a star", async () => {
  const had = await countOf(house);
  const ask = async (names: Partial<GeneralNames>): Promise<unknown> =>
    enroll(house.enrollment, { token: await house.token([], { profile: 'narrow' }), request: requestFor(key, names) });
  const good = { dns: ['web.shop.internal'], uri: [id('/ns/shop/sa/web')] };
  await ask(good);
  for (const dns of [
    '*.shop.internal',
    'a.b.shop.internal',
    'shop.internal',
    'web.shop.internal.evil',
    'xshop.internal',
    'web.shopxinternal',
  ])
    await refused(dns, ask({ ...good, dns: [dns] }));
  for (const path of [
    '/ns/*/sa/web',
    '/ns/../sa/web',
    '/ns/a/b/sa/web',
    '/ns//sa/web',
    '/ns/a%2fb/sa/web',
    '/NS/a/sa/web',
    '/ns/a/sa/web/x',
    '/x/ns/a/sa/web',
  ])
    await refused(path, ask({ ...good, uri: [id(path)] }));
  assert.equal(await countOf(house), had + 1);
});

test('the record of what is renewed: its names meet the policy again, each of them', async () => {
  const had = await countOf(house);
  const token = await house.token(['web'], { profile: 'told' });
  const issued = await enroll(house.enrollment, { token, request: requestFor(key) });
  const [record] = await house.store.inventory.bySerialNumber([issued.serialNumber]);
  for (const [, name] of everyName) {
    const bySerialNumber = async () => [
      { ...record!, names: ['web', name, ...(name.startsWith('spiffe://') ? [] : [id('/web')])] },
    ];
    const enrollment = { ...house.enrollment, inventory: { ...house.enrollment.inventory, bySerialNumber } };
    await refused(`record ${name}`, renew(enrollment, { peer: peerOf(issued), request: requestFor(key) }));
  }
  assert.equal(await countOf(house), had + 1);
});
