import assert from 'node:assert/strict';
import { test } from 'node:test';

import { hourMs, testMoment } from '../../../../../../tests/fixtures/certificates.ts';
import {
  answer,
  issuer,
  leafNaming,
  makeResponder,
  minuteMs,
  revoked,
  root,
} from '../../../../../../tests/fixtures/ocsp-scene.ts';
import { manualClock, type ManualClock } from '../../../ground/clock/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import { noRevAvailExtension } from '../../../identity/x509/index.ts';
import { type Credential, MutableSource } from '../../../runtime/tls/index.ts';
import { type KeptStaple, keepStaple, type StapleOptions } from './keep-staple.ts';

const url = 'http://ocsp.example';
type Holder = typeof issuer;

const credential = (leaf: Holder, ...above: Holder[]): Credential => ({
  chain: [leaf, ...above].map(({ certificate }) => certificate.raw),
  privateKey: leaf.key,
});

interface Scene {
  readonly clock: ManualClock;
  readonly credentials: MutableSource<Credential>;
  readonly staple: KeptStaple;
  readonly given: (Uint8Array | undefined)[];
  readonly warnings: string[];
  asked(): number;
  says(what: () => Uint8Array): void;
}

function unreachable(): never {
  throw new Refusal('CS-FETCH-001', { url, reason: 'ECONNREFUSED' });
}

function scene(first: Credential, saying: () => Uint8Array, options: Partial<StapleOptions> = {}): Scene {
  const clock = manualClock(testMoment);
  const credentials = new MutableSource(first);
  const warnings: string[] = [];
  let asked = 0;
  const staple = keepStaple({
    credentials,
    clock,
    random: () => 0.5,
    onWarning: ({ code }) => void warnings.push(code),
    async retrieve() {
      asked++;
      await Promise.resolve();
      return saying();
    },
    ...options,
  });
  const given: (Uint8Array | undefined)[] = [];
  staple.watch((value) => void given.push(value));
  return { clock, credentials, staple, given, warnings, asked: () => asked, says: (what) => void (saying = what) };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function pass(clock: ManualClock, minutes: number, stepMs = minuteMs): Promise<void> {
  for (let passed = 0; passed < minutes * minuteMs; passed += stepMs) {
    clock.advance(stepMs);
    await turn();
  }
}

const leaf = leafNaming(url);

test('an answer is given when it was checked, and renewed ahead of its end', async () => {
  const fresh = (): Uint8Array => answer({ of: leaf, thisUpdate: clock.now() });
  const { clock, staple, given, asked, warnings } = scene(credential(leaf, issuer), () => fresh());
  assert.equal(staple.current(), undefined);
  await turn();
  assert.ok(staple.current() !== undefined);
  assert.equal(staple.current(), given[0]);
  await pass(clock, 300);
  assert.ok(asked() >= 6 && asked() <= 10, `${asked()} requests`);
  assert.equal(given.includes(undefined), false, 'never without one');
  assert.deepEqual(warnings, []);
  staple.close();
  assert.equal(clock.pending, 0);
});

test('what does not hold is not given, and asked for again', async () => {
  const wrong = [
    () => answer({ of: leafNaming(url) }),
    () => answer({ of: leaf, signer: makeResponder({}, root) }),
    () => answer({ of: leaf, thisUpdate: testMoment - 2 * hourMs }),
    () => answer({ of: leaf, status: { status: 'unknown' } }),
    () => new Uint8Array(20),
    unreachable,
  ];
  for (const saying of wrong) {
    const { clock, staple, asked, says, warnings } = scene(credential(leaf, issuer), saying);
    await turn();
    assert.deepEqual(warnings, [], 'it may know the certificate in a moment');
    await pass(clock, 1, 500);
    assert.equal(staple.current(), undefined);
    assert.deepEqual(warnings, ['CS-OCSP-028']);
    assert.notEqual(staple.evidence()[0]?.failure, undefined);
    assert.ok(asked() > 1 && asked() < 12, `${asked()} requests in a minute`);
    says(() => answer({ of: leaf, thisUpdate: clock.now() }));
    await pass(clock, 1, 500);
    assert.ok(staple.current() !== undefined);
  }
});

test('revoked is said honestly, with a warning', async () => {
  const saying = (): Uint8Array => answer({ of: leaf, status: revoked });
  const { clock, staple, warnings } = scene(credential(leaf, issuer), saying);
  await pass(clock, 5);
  assert.ok(staple.current() !== undefined);
  assert.deepEqual(warnings, ['CS-OCSP-027']);
});

test('another certificate: the old staple is gone at once', async () => {
  const other = leafNaming(url);
  let of = leaf;
  const { credentials, staple, given } = scene(credential(leaf, issuer), () => answer({ of }));
  await turn();
  const first = staple.current();
  assert.ok(first !== undefined);
  credentials.set(credential(leaf, issuer));
  assert.equal(staple.current(), first, 'the same certificate keeps its staple');
  of = other;
  credentials.set(credential(other, issuer));
  assert.equal(staple.current(), undefined);
  await turn();
  assert.ok(staple.current() !== undefined && staple.current() !== first);
  assert.equal(given.length, 3);
});

test('an answer that comes for the certificate before is not given', async () => {
  const other = leafNaming(url);
  const { credentials, staple } = scene(credential(leaf, issuer), () => answer({ of: leaf }));
  credentials.set(credential(other, issuer));
  await turn();
  assert.equal(staple.current(), undefined);
});

test('it runs out: a warning ahead, and then there is none', async () => {
  const { clock, staple, says, warnings, given } = scene(credential(leaf, issuer), () => answer({ of: leaf }));
  await turn();
  says(unreachable);
  await pass(clock, 57);
  assert.ok(staple.current() !== undefined);
  assert.deepEqual(warnings, ['CS-OCSP-024']);
  await pass(clock, 3);
  assert.equal(staple.current(), undefined);
  assert.equal(given.at(-1), undefined);
  assert.deepEqual(warnings, ['CS-OCSP-024', 'CS-OCSP-024']);
});

test('a sleep: what has run out is not given, before any timer ran', async () => {
  const { clock, staple } = scene(credential(leaf, issuer), () => answer({ of: leaf }));
  await turn();
  clock.setNow(testMoment + 2 * hourMs);
  assert.equal(staple.current(), undefined);
});

test('the issuer is found beside the chain, and nobody is asked where there is nothing to ask', async () => {
  const beside = scene(credential(leaf), () => answer({ of: leaf }), {
    issuers: () => [root.certificate, issuer.certificate],
  });
  await turn();
  assert.ok(beside.staple.current() !== undefined);
  const exempt = leafNaming(undefined, { moreExtensions: [noRevAvailExtension()] });
  for (const one of [credential(leaf), credential(leafNaming(undefined), issuer), credential(exempt, issuer)]) {
    const { asked, clock, warnings } = scene(one, unreachable, one.chain.length > 1 ? {} : { responder: url });
    await pass(clock, 2);
    assert.equal(asked(), 0);
    assert.deepEqual(warnings, ['CS-OCSP-028']);
  }
});
