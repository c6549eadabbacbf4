import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { test } from 'node:test';
import {
  type EvidenceOf,
  fromProblemDocument,
  isRefusal,
  isRefusalCode,
  printable,
  Refusal,
  registry,
  type RefusalCode,
  toCommandText,
  toLogLine,
  toProblemDocument,
} from './index.ts';

/** One occurrence of each code there is, with facts of each kind. */
function occurrences(): Refusal[] {
  const facts = ['web.internal', 7, true, ['a', 'b']];
  return [...registry].map(([code, entry]) => {
    assert.ok(isRefusalCode(code));
    const evidence = Object.fromEntries(entry.evidence.map((name, index) => [name, facts[index % facts.length]]));
    return new Refusal(code, evidence as EvidenceOf<RefusalCode>);
  });
}

test('an entry is complete, and its words are in the house form', () => {
  assert.ok(registry.size > 20);
  for (const [code, entry] of registry) {
    assert.match(code, /^CS-[A-Z0-9]+-\d{3}$/);
    assert.doesNotMatch(entry.title, /[.\n]$/, code);
    assert.ok(entry.title.length > 0 && entry.title.length <= 60, `${code}: ${entry.title}`);
    assert.match(entry.cause, /[.?]$/, code);
    assert.match(entry.remedy, /\S/, code);
    assert.equal(new Set(entry.evidence).size, entry.evidence.length, code);
    assert.ok(entry.http >= 400 && entry.http < 600, code);
    assert.ok([1, 2, 3].includes(entry.exit), code);
  }
});

test('a problem document comes back as the refusal that it speaks of', () => {
  for (const refusal of occurrences()) {
    const document = toProblemDocument(refusal);
    assert.equal(document.status, refusal.http);
    const returned = fromProblemDocument(JSON.parse(JSON.stringify(document)));
    assert.ok(isRefusal(returned));
    assert.equal(returned.code, refusal.code);
    assert.deepEqual(returned.evidence, refusal.evidence);
    assert.equal(returned.message, refusal.message);
  }
});

test('what is no problem document of ours is none, and a hostile one does no harm', () => {
  for (const value of [
    undefined,
    null,
    7,
    'CS-DER-001',
    [],
    {},
    { code: 7 },
    { code: 'CS-NO-001' },
    { code: 'toString' },
  ]) {
    assert.equal(fromProblemDocument(value), undefined);
  }
  const missing = fromProblemDocument({ code: 'CS-DER-001' });
  assert.deepEqual(missing?.evidence, { offset: 'not said', rule: 'not said' });
  const hostile =
    '{"code":"CS-DER-001","evidence":{"offset":[{"toString":1}],"rule":{"a":1},"__proto__":{"x":1},"more":1}}';
  assert.deepEqual(fromProblemDocument(JSON.parse(hostile))?.evidence, { offset: ['not said'], rule: 'not said' });
  assert.deepEqual(fromProblemDocument({ code: 'CS-DER-001', evidence: 'x' })?.evidence.rule, 'not said');
});

test('a command shows every refusal within 80 columns', () => {
  for (const refusal of occurrences()) {
    const text = toCommandText(refusal);
    assert.match(text, new RegExp(`^ ${refusal.code} `));
    for (const line of text.split('\n')) assert.ok(line.length <= 80, `${refusal.code}: ${line}`);
    for (const part of [refusal.title, refusal.remedy]) assert.ok(words(text).includes(words(part)), refusal.code);
    for (const name of Object.keys(refusal.evidence)) assert.ok(words(text).includes(`${name}: `), refusal.code);
  }
});

function words(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}

test('a log line is one line: the code, the title, facts as name=value', () => {
  const refusal = new Refusal('CS-PATH-004', { subject: 'CN=a b\n"x"', issuer: 'spiffe://dev.internal/web' });
  assert.equal(
    toLogLine(refusal),
    'CS-PATH-004 signature does not verify subject="CN=a b\\\\u000a\\"x\\"" issuer=spiffe://dev.internal/web',
  );
  for (const each of occurrences()) assert.doesNotMatch(toLogLine(each), /\n/);
});

test('nothing that a peer names itself can drive a terminal or make a line of its own', () => {
  const hostile = 'a\n\u001b[2J\u0000\u009b\u2028\u2066\u202e\u200b\u061c\udc00\u{e0041}b';
  const shown = 'a\\u000a\\u001b[2J\\u0000\\u009b\\u2028\\u2066\\u202e\\u200b\\u061c\\udc00\\u{e0041}b';
  assert.equal(printable(hostile), shown);
  assert.equal(printable('CN=Zoë 日本 🔑'), 'CN=Zoë 日本 🔑');
  assert.equal(printable('x'.repeat(9000)).length, 2101);
  const refusal = new Refusal('CS-PATH-004', { subject: hostile, issuer: hostile });
  for (const text of [refusal.message, toLogLine(refusal), toCommandText(refusal).replaceAll('\n', ' ')]) {
    assert.doesNotMatch(text, /\p{Cc}|\p{Cf}/u);
    assert.ok(text.includes(shown) || text.includes(JSON.stringify(shown).slice(1, -1)));
  }
});

test('a refusal is an error with code, evidence, statuses and the cause that it was given', () => {
  const cause = new Error('underneath');
  const refusal = new Refusal('CS-DER-001', { offset: 3, rule: 'r' }, { cause });
  assert.ok(refusal instanceof Error && isRefusal(refusal));
  assert.equal(refusal.name, 'Refusal');
  assert.equal(refusal.message, 'CS-DER-001 malformed DER (offset 3, rule r)');
  assert.equal(refusal.cause, cause);
  assert.equal(refusal.exit, 1);
  assert.equal(refusal.http, 400);
  assert.match(inspect(refusal), /CS-DER-001/);
  for (const other of [cause, { code: 'CS-DER-001' }, undefined, null]) assert.equal(isRefusal(other), false);
  assert.throws(() => new Refusal('CS-NO-001' as RefusalCode, {} as never), TypeError);
});

test('the evidence that an entry names must be given, all of it and no other', () => {
  // Only the types are tested: these lines must not compile without their directives.
  // @ts-expect-error -- "rule" is missing
  assert.ok(new Refusal('CS-DER-001', { offset: 1 }));
  // @ts-expect-error -- "more" is not named by the entry
  assert.ok(new Refusal('CS-DER-001', { offset: 1, rule: 'r', more: 1 }));
  // @ts-expect-error -- no such code
  assert.throws(() => new Refusal('CS-DER-999', {}));
});
