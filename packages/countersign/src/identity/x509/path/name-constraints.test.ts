import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DerReader, encodeElement, encodeUtf8String, tags } from '../../../ground/encoding/index.ts';
import { makeIssuer, makeRoot, makeService } from '../../../../../../tests/fixtures/certificates.ts';
import { question, refusalOf, refuses } from '../../../../../../tests/fixtures/paths.ts';
import { processorMs } from '../../../../../../tests/fixtures/processor-time.ts';
import { type Certificate, isSelfIssued } from '../certificate.ts';
import { readExtensions } from '../extensions.ts';
import {
  type NameConstraints,
  nameConstraintsExtension,
  type WritableSubtrees,
} from '../extensions/name-constraints.ts';
import { decodeKnownExtensions } from '../known-extensions.ts';
import { noNames, type WritableNames } from '../general-names.ts';
import { type NamedKey, subjectAltNameExtension, validatePath } from '../index.ts';
import { parseNameText } from '../names/parse-name.ts';
import { countNames, prepareConstraints, PreparedConstraints } from './name-constraints.ts';

interface Constraints {
  readonly permitted?: WritableSubtrees;
  readonly excluded?: WritableSubtrees;
}

const root = makeRoot();
const base = makeService(root).certificate;

/** Written, and read again: nothing that no certificate could hold. */
function read(constraints: Constraints): NameConstraints {
  const { nameConstraints } = decodeKnownExtensions(
    readExtensions(DerReader.over(nameConstraintsExtension(constraints))),
  );
  return nameConstraints ?? assert.fail();
}

function withNames(names: WritableNames, subject = ''): Certificate {
  const extensions = readExtensions(DerReader.over(subjectAltNameExtension(names, true)));
  const empty = Object.keys(names).length === 0;
  const subjectAltName = empty ? noNames : decodeKnownExtensions(extensions).subjectAltName;
  return { ...base, subject: parseNameText(subject), subjectAltName };
}

const outside = 'outside what is permitted';
const inside = 'inside what is excluded';
const noMailbox = 'of mailboxes, which it is not';
const noHost = 'of URIs by their host, and it has none that is a DNS name';
const noDnsName = 'of DNS names, which it is not';
const unprocessed = 'of a kind that is not processed here';

/** `undefined` where every name is allowed. */
function answer(constraints: Constraints, names: WritableNames, subject?: string): string | undefined {
  return new PreparedConstraints(read(constraints)).refusedName(withNames(names, subject))?.constraint;
}

type Case = readonly [constraint: string, name: string, permitted: boolean, excluded: boolean];

/** Each case asked both ways: whether what is permitted covers the name, and whether what is excluded touches it. */
function cases(kind: 'dns' | 'uri' | 'email' | 'ip', table: readonly Case[]): void {
  for (const [constraint, name, covered, touched] of table) {
    const [subtrees, names] = [{ [kind]: [constraint] }, { [kind]: [name] }];
    const shown = `${kind} "${constraint}" and ${name}`;
    assert.equal(answer({ permitted: subtrees }, names), covered ? undefined : outside, `permitted ${shown}`);
    assert.equal(answer({ excluded: subtrees }, names), touched ? inside : undefined, `excluded ${shown}`);
  }
}

test('DNS: a domain covers itself and what is below it, whole labels alone, in any case', () => {
  cases('dns', [
    ['example.test', 'example.test', true, true],
    ['example.test', 'a.example.test', true, true],
    ['example.test', 'a.b.c.example.test', true, true],
    ['EXAMPLE.test', 'a.example.TEST', true, true],
    ['example.test', 'anexample.test', false, false],
    ['example.test', 'example.test.evil', false, false],
    ['a.example.test', 'example.test', false, false],
    ['a.example.test', 'b.example.test', false, false],
    ['test', 'example.test', true, true],
    ['test', 'test', true, true],
    ['', 'anything.at.all', true, true],
  ]);
});

test('DNS: each name that a wildcard stands for must be permitted, and none excluded', () => {
  cases('dns', [
    ['example.test', '*.example.test', true, true],
    ['example.test', '*.a.example.test', true, true],
    ['a.example.test', '*.example.test', false, true],
    ['A.example.test', '*.EXAMPLE.test', false, true],
    ['a.b.example.test', '*.example.test', false, false],
    ['example.test', '*.test', false, true],
    ['example.test', '*.other', false, false],
    ['', '*.test', true, true],
  ]);
});

test('DNS: what is no DNS name is refused under constraints of its kind, whatever they say', () => {
  for (const name of [
    'example.test.',
    '.example.test',
    'a.*.example.test',
    '*',
    '*.',
    'a*.example.test',
    '*.*.test',
    'a..test',
  ]) {
    assert.equal(answer({ permitted: { dns: [''] } }, { dns: [name] }), noDnsName, name);
    assert.equal(answer({ excluded: { dns: ['other'] } }, { dns: [name] }), noDnsName, name);
    assert.equal(answer({ excluded: { uri: ['other'] } }, { dns: [name] }), undefined, name);
  }
});

test('constraints of no allowed form are refused: leading dots, wildcards, two mailboxes', () => {
  const unreadable: readonly (readonly ['dns' | 'uri' | 'email', string])[] = [
    ['dns', '.example.test'],
    ['dns', '*.example.test'],
    ['dns', 'example.test.'],
    ['dns', 'a b'],
    ['uri', '*.example.test'],
    ['uri', 'http://example.test'],
    ['uri', 'user@example.test'],
    ['uri', '..example.test'],
    ['uri', '.'],
    ['email', '@example.test'],
    ['email', 'user@.example.test'],
    ['email', 'user@'],
    ['email', '*.example.test'],
    ['email', '.'],
  ];
  const kinds = { dns: 'dNSName', uri: 'URI', email: 'rfc822Name' };
  for (const [kind, constraint] of unreadable) {
    for (const side of ['permitted', 'excluded'] as const) {
      const rule = `a ${kinds[kind]} constraint of no allowed form: "${constraint}" (4.2.1.10)`;
      const constraints = read({ [side]: { [kind]: ['fine.test', constraint] } });
      refuses(() => new PreparedConstraints(constraints), 'CS-X509-001', { rule });
    }
  }
});

test('URI: a host is that host alone, ".domain" what is below it', () => {
  cases('uri', [
    ['example.test', 'https://example.test/path', true, true],
    ['example.test', 'https://a.example.test', false, false],
    ['.example.test', 'https://example.test', false, false],
    ['.example.test', 'https://a.example.test', true, true],
    ['.example.test', 'https://a.b.EXAMPLE.test?query', true, true],
    ['.example.test', 'https://anexample.test', false, false],
    ['EXAMPLE.test', 'HTTPS://example.TEST#part', true, true],
    ['.EXAMPLE.test', 'spiffe://a.example.test/web', true, true],
    ['', 'https://example.test', true, true],
    ['.test', 'https://example.test', true, true],
  ]);
});

test('URI: the host is what stands between userinfo and port', () => {
  cases('uri', [
    ['example.test', 'https://user@example.test:8443/', true, true],
    ['example.test', 'https://user:secret@example.test', true, true],
    ['example.test', 'https://example.test:/', true, true],
    ['example.test', 'https://example.test@evil.test/', false, false],
    ['example.test', 'https://example.test:80@evil.test', false, false],
    ['example.test', 'https://evil.test/@example.test', false, false],
    ['example.test', 'https://evil.test?@example.test', false, false],
    ['example.test', 'https://evil.test#@example.test', false, false],
    ['example.test', 'https://evil.test/example.test', false, false],
  ]);
});

test('URI: one without a host that is a DNS name, or that some read otherwise, is refused under constraints', () => {
  for (const name of [
    'urn:example:test',
    'mailto:user@example.test',
    'https:/example.test',
    'https:///path',
    'https://',
    '//example.test',
    'https://127.0.0.1/',
    'https://[::1]/',
    'https://[::1]:443/',
    'https://ex%61mple.test/',
    'https://example.test./',
    'https://example.test:port/',
    'https://example.test:80:80/',
    'https://*.example.test/',
    'https://a@b@example.test/',
    'https://evil.test\\@example.test/',
    'https://example.test\\.evil.test/',
    '1https://example.test',
  ]) {
    assert.equal(answer({ permitted: { uri: [''] } }, { uri: [name] }), noHost, name);
    assert.equal(answer({ excluded: { uri: ['other.test'] } }, { uri: [name] }), noHost, name);
    assert.equal(answer({ excluded: { dns: ['other.test'] } }, { uri: [name] }), undefined, name);
  }
});

test('email: a mailbox, a host, ".domain" or all', () => {
  cases('email', [
    ['user@example.test', 'user@example.test', true, true],
    ['user@example.test', 'user@EXAMPLE.test', true, true],
    ['user@EXAMPLE.TEST', 'user@example.test', true, true],
    // The local part counts letter for letter (RFC 5280, 7.5).
    ['user@example.test', 'User@example.test', false, false],
    ['user@example.test', 'other@example.test', false, false],
    ['user@example.test', 'user@a.example.test', false, false],
    ['example.test', 'user@example.test', true, true],
    ['EXAMPLE.test', 'user@example.TEST', true, true],
    ['example.test', 'user@a.example.test', false, false],
    ['.example.test', 'user@a.example.test', true, true],
    ['.Example.test', 'user@a.b.example.test', true, true],
    ['.example.test', 'user@example.test', false, false],
    ['.example.test', 'user@anexample.test', false, false],
    ['', 'user@example.test', true, true],
  ]);
});

test('email: what is no mailbox is refused under constraints of its kind', () => {
  for (const name of [
    'example.test',
    '@example.test',
    'user@',
    'a@b@example.test',
    '"a@b"@example.test',
    'user@example.test.',
    'user@[127.0.0.1]',
  ]) {
    assert.equal(answer({ permitted: { email: [''] } }, { email: [name] }), noMailbox, name);
    assert.equal(answer({ excluded: { email: ['other.test'] } }, { email: [name] }), noMailbox, name);
    assert.equal(answer({ excluded: { dns: ['other.test'] } }, { email: [name] }), undefined, name);
  }
});

test("email: the subject's emailAddress counts, also beside alternative names", () => {
  const permitted = { email: ['example.test'] };
  const [good, bad] = ['emailAddress=user@example.test', 'CN=web,emailAddress=user@evil.test'];
  assert.equal(answer({ permitted }, {}, good), undefined);
  assert.equal(answer({ permitted }, {}, bad), outside);
  assert.equal(answer({ permitted }, { dns: ['example.test'] }, bad), outside);
  assert.equal(answer({ permitted }, { email: ['user@example.test'] }, bad), outside);
  assert.equal(answer({ permitted }, { email: ['user@example.test'] }, good), undefined);
  assert.equal(answer({ excluded: { email: ['evil.test'] } }, {}, bad), inside);
  assert.equal(answer({ permitted }, {}, 'CN=web+emailAddress=user@evil.test'), outside);
  // A kind of string whose octets nobody agrees on.
  const subject = parseNameText('CN=web,emailAddress=user@example.test');
  const oid = '1.2.840.113549.1.9.1';
  const [[attribute] = []] = subject.relativeNames;
  assert.equal(attribute?.oid, oid);
  const teletex = { ...attribute, text: undefined, value: encodeElement(tags.teletexString, encodeUtf8String('x')) };
  const relativeNames = [[teletex]];
  const odd = { ...withNames({}), subject: Object.assign(Object.create(subject), { relativeNames }) as typeof subject };
  assert.equal(new PreparedConstraints(read({ permitted })).refusedName(odd)?.constraint, noMailbox);
});

test('addresses: prefixes of each length, each family by itself', () => {
  cases('ip', [
    ['10.0.0.0/8', '10.255.0.1', true, true],
    ['10.0.0.0/8', '11.0.0.1', false, false],
    ['10.1.2.3/8', '10.9.9.9', true, true],
    ['192.168.4.0/22', '192.168.7.255', true, true],
    ['192.168.4.0/22', '192.168.8.0', false, false],
    ['10.0.0.1/32', '10.0.0.1', true, true],
    ['10.0.0.1/32', '10.0.0.2', false, false],
    ['0.0.0.0/0', '203.0.113.9', true, true],
    ['0.0.0.0/0', '::1', false, false],
    ['::/0', '2001:db8::1', true, true],
    ['::/0', '10.0.0.1', false, false],
    ['::/0', '::ffff:10.0.0.1', true, true],
    // Some sockets take it for the other: it is not permitted by that, and excluded with it.
    ['10.0.0.0/8', '::ffff:10.0.0.1', false, true],
    ['2001:db8::/33', '2001:db8:7fff::1', true, true],
    ['2001:db8::/33', '2001:db8:8000::1', false, false],
    ['2001:db8::1/128', '2001:db8::1', true, true],
    ['2001:db8::1/128', '2001:db8::2', false, false],
  ]);
  const several = { ip: ['10.0.0.0/8', '10.0.0.0/16', '192.168.1.0/24', '2001:db8::/32'] };
  for (const ip of ['10.9.0.1', '192.168.1.7', '2001:db8::7']) {
    assert.equal(answer({ permitted: several }, { ip: [ip] }), undefined, ip);
    assert.equal(answer({ excluded: several }, { ip: [ip] }), inside, ip);
  }
  assert.equal(answer({ permitted: several }, { ip: ['10.0.0.1', '192.168.2.1'] }), outside);
});

test('addresses: bits of a network beyond its mask do not count; what is no address is refused', () => {
  const empty = read({ permitted: { dns: ['test'] } }).excluded;
  const excluded = { ...empty, ip: [Uint8Array.of(10, 1, 2, 3, 255, 0, 0, 0)] };
  const constraints = new PreparedConstraints({ permitted: empty, excluded });
  assert.equal(constraints.refusedName(withNames({ ip: ['10.9.9.9'] }))?.constraint, inside);
  assert.equal(constraints.refusedName(withNames({ ip: ['11.1.2.3'] })), undefined);
  const odd = { ...base, subjectAltName: { ...noNames, ip: ['10.0.0'] } };
  assert.equal(constraints.refusedName(odd)?.constraint, 'of addresses, which it is not');
});

test('directory names: a beginning, part by part, the least specific first; letter case and spaces make no difference', () => {
  const table: readonly (readonly [constraint: string, name: string, covered: boolean])[] = [
    ['O=Bank,C=DE', 'CN=web,O=Bank,C=DE', true],
    ['O=Bank,C=DE', 'O=Bank,C=DE', true],
    ['O=Bank,C=DE', 'CN=web,O=BANK,C=de', true],
    ['O=Bank  One', 'CN=web,O=bank one', true],
    ['O=Bank,C=DE', 'CN=web,O=Bank', false],
    ['O=Bank,C=DE', 'C=DE', false],
    ['O=Bank,C=DE', 'O=Bank,C=DE,DC=test', false],
    ['O=Bank', 'CN=web,O=Bankers', false],
    ['O=Bank', 'CN=web,OU=Bank', false],
    // Of a part with several attributes each counts, in whatever order.
    ['O=Bank+L=Bonn', 'CN=web,L=bonn+O=bank', true],
    ['O=Bank', 'CN=web,O=Bank+L=Bonn', false],
    ['O=Bank+L=Bonn', 'CN=web,O=Bank', false],
    ['', 'CN=anything', true],
  ];
  for (const [constraint, name, covered] of table) {
    const subtrees = { directory: [parseNameText(constraint)] };
    for (const [names, subject] of [
      [{}, name],
      [{ directory: [parseNameText(name)] }, ''],
    ] as const) {
      assert.equal(
        answer({ permitted: subtrees }, names, subject),
        covered ? undefined : outside,
        `${constraint} / ${name}`,
      );
      assert.equal(
        answer({ excluded: subtrees }, names, subject),
        covered ? inside : undefined,
        `${constraint} / ${name}`,
      );
    }
  }
  // An empty subject is no name; both the subject and the alternative name are looked at.
  const permitted = { directory: [parseNameText('O=Bank')] };
  assert.equal(answer({ permitted }, {}, ''), undefined);
  assert.equal(answer({ permitted }, { directory: [parseNameText('O=Evil')] }, 'O=Bank'), outside);
  assert.equal(answer({ permitted }, { directory: [parseNameText('O=Bank')] }, 'O=Evil'), outside);
  const two = { directory: [parseNameText('O=Bank'), parseNameText('OU=a,O=Trust')] };
  assert.equal(answer({ permitted: two }, {}, 'CN=web,OU=A,O=trust'), undefined);
  assert.equal(answer({ permitted: two }, {}, 'CN=web,O=trust'), outside);
});

test('kinds that nobody processes: refused where the certificate has a name of that kind, otherName by its type', () => {
  const other = (type: string): WritableNames => ({ otherName: [{ type, value: encodeUtf8String('x') }] });
  const x400 = { x400: [encodeElement(0xa3, new Uint8Array())] };
  const ediParty = { ediParty: [encodeElement(0xa5, new Uint8Array())] };
  const registered = { registeredId: ['1.2.3'] };
  const kinds = [other('1.2.3'), other('1.2.4'), x400, ediParty, registered];
  for (const [index, constrained] of kinds.entries()) {
    for (const side of ['permitted', 'excluded'] as const) {
      for (const [at, carried] of kinds.entries()) {
        assert.equal(answer({ [side]: constrained }, carried), at === index ? unprocessed : undefined);
      }
      assert.equal(answer({ [side]: constrained }, { dns: ['web.internal'], ip: ['10.0.0.1'] }, 'CN=web'), undefined);
    }
  }
  assert.equal(answer({ permitted: { dns: ['test'] } }, other('1.2.3')), undefined);
});

test('a name must be permitted by its own kind alone, every name of it, and is refused where both sides cover it', () => {
  assert.equal(
    answer({ permitted: { dns: ['a.test'] } }, { ip: ['10.0.0.1'], uri: ['urn:x'], email: ['x'] }),
    undefined,
  );
  assert.equal(answer({ permitted: { dns: ['a.test', 'b.test'] } }, { dns: ['x.b.test', 'a.test'] }), undefined);
  assert.equal(answer({ permitted: { dns: ['a.test', 'b.test'] } }, { dns: ['x.b.test', 'c.test'] }), outside);
  const both = { permitted: { dns: ['test'] }, excluded: { dns: ['a.test', 'b.test'] } };
  assert.equal(answer(both, { dns: ['c.test'] }), undefined);
  assert.equal(answer(both, { dns: ['c.test', 'x.b.test'] }), inside);
  const mail = { permitted: { email: ['a.test', 'b.test', 'c.test'] }, excluded: { email: ['d.test', 'u@b.test'] } };
  assert.equal(answer(mail, { email: ['u@a.test', 'u@c.test'] }), undefined);
  assert.equal(answer(mail, { email: ['u@b.test'] }), inside);
  const uris = { permitted: { uri: ['.test'] }, excluded: { uri: ['a.test'] } };
  assert.equal(answer(uris, { uri: ['x://b.test', 'x://a.test'] }), inside);
  const networks = { permitted: { ip: ['10.0.0.0/8'] }, excluded: { ip: ['10.1.0.0/16'] } };
  assert.equal(answer(networks, { ip: ['10.1.0.1'] }), inside);
  const names = {
    permitted: { directory: [parseNameText('O=a')] },
    excluded: { directory: [parseNameText('OU=b,O=a')] },
  };
  assert.equal(answer(names, {}, 'CN=c,OU=b,O=a'), inside);
});

test('the refusal tells the name and whose constraint it is', () => {
  const issuer = makeIssuer(root, {
    moreExtensions: [nameConstraintsExtension({ permitted: { dns: ['bank.test'] } })],
  });
  const leaf = makeService(issuer, { names: { dns: ['web.bank.test', 'evil.test'] } });
  refuses(() => validatePath(question(leaf, [issuer], root)), 'CS-PATH-011', {
    name: 'evil.test',
    constraint: outside,
    issuer: 'CN=test issuer',
  });
  validatePath(question(makeService(issuer, { names: { dns: ['web.bank.test'] } }), [issuer], root));
});

test('several issuers: each constrains what is below it, and none widens what another permits', () => {
  const constrain = (constraints: Constraints): { moreExtensions: Uint8Array[] } => ({
    moreExtensions: [nameConstraintsExtension(constraints)],
  });
  const top = makeIssuer(root, { subject: 'top', ...constrain({ permitted: { dns: ['bank.test'] } }) });
  const middle = makeIssuer(top, { subject: 'middle' });
  const low = makeIssuer(middle, {
    subject: 'low',
    ...constrain({ permitted: { dns: ['a.bank.test', 'evil.test'] } }),
  });
  const ask = (...dns: string[]): unknown =>
    validatePath(question(makeService(low, { names: { dns } }), [top, middle, low], root));
  ask('x.a.bank.test');
  assert.equal(refusalOf(() => ask('b.bank.test')).evidence.issuer, 'CN=low');
  assert.equal(refusalOf(() => ask('evil.test')).evidence.issuer, 'CN=top');
  // What an issuer constrains does not hold for itself.
  const own = makeIssuer(root, {
    subject: 'own',
    names: { dns: ['evil.test'] },
    ...constrain({ permitted: { directory: [parseNameText('O=none')] } }),
  });
  validatePath(question(makeService(own), [own], root));
  // Nor do those of the end-entity.
  validatePath(question(makeService(root, constrain({ excluded: { dns: ['', '.x'] } })), [], root));
});

test('names of intermediates are held to constraints, those of self-issued ones are not, those of the end-entity always are', () => {
  const excluding = nameConstraintsExtension({ excluded: { directory: [parseNameText('CN=test issuer')] } });
  const top = makeIssuer(root, { subject: 'top', moreExtensions: [excluding] });
  const bad = makeIssuer(top, { subject: 'test issuer' });
  assert.equal(refusalOf(() => validatePath(question(makeService(bad), [bad, top], root))).code, 'CS-PATH-011');
  const first = makeIssuer(root, { subject: 'test issuer', moreExtensions: [excluding] });
  const rekeyed = makeIssuer(first, { subject: 'test issuer' });
  assert.ok(isSelfIssued(rekeyed.certificate));
  validatePath(question(makeService(rekeyed), [rekeyed, first], root));
  const leaf = makeService(rekeyed, { subject: 'test issuer' });
  assert.ok(isSelfIssued(leaf.certificate));
  refuses(() => validatePath(question(leaf, [rekeyed, first], root)), 'CS-PATH-011', {
    name: 'CN=test issuer',
    constraint: inside,
    issuer: 'CN=test issuer',
  });
  // Constraints of a self-issued certificate hold as those of any other.
  const narrowing = makeIssuer(first, {
    subject: 'test issuer',
    moreExtensions: [nameConstraintsExtension({ excluded: { dns: ['web.internal'] } })],
  });
  assert.equal(
    refusalOf(() => validatePath(question(makeService(narrowing), [narrowing, first], root))).code,
    'CS-PATH-011',
  );
});

test("an anchor's constraints hold, from its certificate and from a name with its key", () => {
  const constraints = { permitted: { dns: ['bank.test'] } };
  const strict = makeRoot({ moreExtensions: [nameConstraintsExtension(constraints)] });
  const { subject, publicKey } = strict.certificate;
  const named: NamedKey = { subject, publicKey, nameConstraints: read(constraints) };
  const [good, bad] = [makeService(strict, { names: { dns: ['a.bank.test'] } }), makeService(strict)];
  for (const anchor of [strict.certificate, named]) {
    validatePath(question(good, [], strict, { anchors: [anchor] }));
    refuses(() => validatePath(question(bad, [], strict, { anchors: [anchor] })), 'CS-PATH-011', {
      name: 'web.internal',
      constraint: outside,
      issuer: 'CN=test root',
    });
  }
  validatePath(question(bad, [], strict, { anchors: [{ subject, publicKey }] }));
});

test('names count as work: those of one certificate, and those compared with all constraints above them', () => {
  const many = withNames(
    { dns: ['a', 'b'], uri: ['x:y'], ip: ['::1'], email: ['u@a', 'u@b'], directory: [parseNameText('CN=a')] },
    'CN=a,O=b',
  );
  assert.equal(countNames(many), 9);
  const constrained = { moreExtensions: [nameConstraintsExtension({ permitted: { dns: ['internal'] } })] };
  const strict = makeRoot(constrained);
  const issuer = makeIssuer(strict, { ...constrained });
  const leaf = makeService(issuer, { names: { dns: ['a.internal', 'b.internal', 'c.internal'] } });
  // One relative name of the issuer under one, three of the end-entity under two.
  validatePath(question(leaf, [issuer], strict, { limits: { namesOfOne: 3, names: 7 } }));
  refuses(() => validatePath(question(leaf, [issuer], strict, { limits: { namesOfOne: 2 } })), 'CS-PATH-014', {
    limit: 'names of one certificate under constraints',
    maximum: 2,
  });
  refuses(() => validatePath(question(leaf, [issuer], strict, { limits: { names: 6 } })), 'CS-PATH-014', {
    limit: 'names under constraints',
    maximum: 6,
  });
  // Without constraints nothing is counted.
  validatePath(
    question(makeService(root, { names: { dns: ['a', 'b', 'c'] } }), [], root, { limits: { namesOfOne: 1 } }),
  );
});

test('a thousand names under constraints by the thousand take milliseconds', () => {
  const dns = Array.from({ length: 1000 }, (_, index) => `n${index}.a.b.test`);
  const uri = dns.map((name) => `.${name}`);
  const directory = dns.map((name) => parseNameText(`CN=${name}`));
  const constraints = prepareConstraints(
    read({ excluded: { dns, uri, email: uri, directory }, permitted: { dns: [''] } }),
  );
  const names = dns.map((name) => `x.${name.slice(1)}`);
  const certificate = withNames({
    dns: names,
    uri: names.map((name) => `x://${name}`),
    email: names.map((name) => `u@${name}`),
  });
  const start = processorMs();
  assert.equal(constraints.refusedName(certificate), undefined);
  assert.ok(processorMs() - start < 500);
});

test('constraints are prepared once', () => {
  const constraints = read({ permitted: { dns: ['test'] } });
  assert.equal(prepareConstraints(constraints), prepareConstraints(constraints));
  assert.notEqual(prepareConstraints(constraints), prepareConstraints(read({ permitted: { dns: ['test'] } })));
});
