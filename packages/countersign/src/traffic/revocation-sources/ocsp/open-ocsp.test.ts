import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { hourMs, makeService, testMoment } from '../../../../../../tests/fixtures/certificates.ts';
import {
  answer,
  issuer,
  leafNaming,
  makeResponder,
  minuteMs,
  pathOf,
  revoked,
  root,
} from '../../../../../../tests/fixtures/ocsp-scene.ts';
import { manualClock, type ManualClock } from '../../../ground/clock/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import { issuerKeyOf, revocationKey } from '../../../identity/revocation/index.ts';
import { noRevAvailExtension, parseOcspRequest } from '../../../identity/x509/index.ts';
import { sha256 } from '../../../runtime/cryptography/index.ts';
import type { CertificateStatus, StatusChange, StatusCheck, StatusQuestion } from '../../../runtime/tls/index.ts';
import type { OcspOptions } from './ocsp-options.ts';
import type { OcspRetrieval } from './ocsp-retriever.ts';
import { type OpenOcsp, openOcsp } from './open-ocsp.ts';

const url = 'http://ocsp.example';
const leaf = leafNaming(url);
const issuerKey = issuerKeyOf(issuer.certificate, sha256);
const keyOf = (holder: typeof leaf): string => revocationKey(issuerKey, holder.certificate.serialNumber);

interface Scene {
  readonly clock: ManualClock;
  readonly check: OpenOcsp;
  readonly asked: OcspRetrieval[];
  readonly told: StatusChange[];
  readonly warnings: Refusal[];
  /** What the responder says from now on; default: nothing. */
  says(what: (retrieval: OcspRetrieval) => Uint8Array | Promise<Uint8Array>): void;
  question(holder?: typeof leaf, staple?: Uint8Array): StatusQuestion;
  /** Of the end-entity certificate. */
  status(holder?: typeof leaf, staple?: Uint8Array): CertificateStatus;
  fetched(holder?: typeof leaf, staple?: Uint8Array): Promise<CertificateStatus>;
}

function unreachable(): never {
  throw new Refusal('CS-FETCH-001', { url, reason: 'ECONNREFUSED' });
}

function scene(options: Partial<OcspOptions> = {}): Scene {
  const clock = manualClock(testMoment);
  const asked: OcspRetrieval[] = [];
  const told: StatusChange[] = [];
  const warnings: Refusal[] = [];
  let saying: (retrieval: OcspRetrieval) => Uint8Array | Promise<Uint8Array> = unreachable;
  const check = openOcsp({
    clock,
    random: () => 0.5,
    onWarning: (warning) => void warnings.push(warning),
    async retrieve(retrieval) {
      asked.push(retrieval);
      await Promise.resolve();
      return await saying(retrieval);
    },
    ...options,
  });
  check.watch((change) => void told.push(change));
  const question: Scene['question'] = (holder = leaf, staple) => ({
    path: pathOf(holder),
    trustDomain: 'test.example',
    at: clock.now(),
    staple,
  });
  const status: Scene['status'] = (holder, staple) => {
    const [first] = check.ask(question(holder, staple));
    assert.ok(first !== undefined);
    return first;
  };
  return {
    clock,
    check,
    asked,
    told,
    warnings,
    says: (what) => void (saying = what),
    question,
    status,
    async fetched(holder, staple) {
      await check.fetchFor(question(holder, staple), new AbortController().signal);
      return status(holder, staple);
    },
  };
}

/** Whatever was begun with the retriever above has come to its end. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** The status with its code; and whether it was known to be revoked. */
function said(status: CertificateStatus): string {
  if (status.status === 'good' || status.status === 'notCovered') return status.status;
  const last = status.status === 'undetermined' && status.lastKnown === 'revoked' ? ', last known revoked' : '';
  return `${status.status} ${status.refusal.code}${last}`;
}

const fresh = (clock: ManualClock, holder = leaf): Uint8Array => answer({ of: holder, thisUpdate: clock.now() });

describe('what is fetched', () => {
  test('good is remembered, and asked for once', async () => {
    const { status, fetched, says, clock, asked, check, question } = scene();
    says(() => fresh(clock));
    assert.equal(said(status()), 'undetermined CS-OCSP-021');
    const good = await fetched();
    assert.deepEqual(good, { status: 'good', freshUntil: testMoment + hourMs + 5 * minuteMs });
    assert.equal(check.fetchFor(question(), new AbortController().signal), undefined);
    assert.equal(asked.length, 1);
    // The issuer's own certificate names no responder.
    assert.deepEqual(check.ask(question()).map(said), ['good', 'notCovered']);
  });

  test('revoked and unknown are refused, whatever else says good', async () => {
    const one = scene();
    one.says(() => answer({ of: leaf, status: revoked }));
    const status = await one.fetched();
    assert.equal(said(status), 'revoked CS-OCSP-020');
    assert.ok(status.status === 'revoked');
    assert.equal(status.refusal.evidence['reason'], 'keyCompromise');
    const other = scene();
    other.says(() => answer({ of: leaf, status: { status: 'unknown' } }));
    assert.equal(said(await other.fetched()), 'revoked CS-OCSP-009');
  });

  test('by GET with SHA-1 where it fits, else by POST; a nonce by POST', async () => {
    const requestOf = ({ url: at, body }: OcspRetrieval): ReturnType<typeof parseOcspRequest> =>
      parseOcspRequest(
        body ?? new Uint8Array(Buffer.from(decodeURIComponent(at.slice(at.lastIndexOf('/') + 1)), 'base64')),
      );
    const cases = [
      [{}, leaf, 'GET', 'SHA-1'],
      [{ hash: 'SHA-256' }, leaf, 'GET', 'SHA-256'],
      [{ method: 'POST' }, leaf, 'POST', 'SHA-1'],
      [{ nonce: true }, leaf, 'POST', 'SHA-1'],
      [{}, leafNaming(`${url}/${'long'.repeat(40)}`), 'POST', 'SHA-1'],
      [{ responder: 'http://other.example/?a=b' }, leafNaming(undefined), 'POST', 'SHA-1'],
    ] as const;
    for (const [options, holder, method, hash] of cases) {
      const { fetched, asked } = scene(options);
      await fetched(holder);
      const [retrieval] = asked;
      assert.ok(retrieval !== undefined);
      const request = requestOf(retrieval);
      assert.equal(retrieval.method, method);
      assert.equal(request.requests[0]?.certId.hashAlgorithm, hash);
      assert.equal(request.nonce?.length, 'nonce' in options ? 64 : undefined);
    }
  });

  test('of a nonce the very one must come back', async () => {
    const { fetched, says, clock } = scene({ nonce: true });
    says(({ body }) => answer({ of: leaf, nonce: parseOcspRequest(body ?? new Uint8Array()).nonce }));
    assert.equal(said(await fetched()), 'good');
    const replaying = scene({ nonce: true });
    replaying.says(() => answer({ of: leaf, nonce: 'ab'.repeat(32) }));
    assert.equal(said(await replaying.fetched()), 'undetermined CS-OCSP-008');
    const without = scene({ nonce: true });
    without.says(() => fresh(clock));
    assert.equal(said(await without.fetched()), 'undetermined CS-OCSP-008');
  });

  test('what may not be relied upon leaves the status open, and is not let in where it says revoked', async () => {
    const strange = makeResponder({}, root);
    const notForIt = makeService(issuer, { subject: 'responder' });
    const ended = makeResponder({ notBefore: testMoment - 9 * hourMs, notAfter: testMoment - hourMs });
    const cases: readonly (readonly [string, Uint8Array])[] = [
      ['undetermined CS-OCSP-006', answer({ of: leaf, thisUpdate: testMoment - 2 * hourMs })],
      ['undetermined CS-OCSP-006', answer({ of: leaf, thisUpdate: testMoment + hourMs })],
      ['undetermined CS-OCSP-005', answer({ of: leafNaming(url) })],
      ['undetermined CS-OCSP-005', answer({ of: leaf, certificateIssuer: root })],
      ['undetermined CS-OCSP-004', answer({ of: leaf, signer: { ...issuer, key: root.key }, certificates: [] })],
      ['undetermined CS-OCSP-003', answer({ of: leaf, signer: strange })],
      ['undetermined CS-OCSP-003', answer({ of: leaf, signer: notForIt })],
      ['undetermined CS-OCSP-003', answer({ of: leaf, signer: ended })],
      ['undetermined CS-DER-001', new TextEncoder().encode('<html>hello</html>')],
      [
        'undetermined CS-OCSP-006, last known revoked',
        answer({ of: leaf, status: revoked, thisUpdate: testMoment - 2 * hourMs }),
      ],
    ];
    for (const [expected, bytes] of cases) {
      const { fetched, says } = scene();
      says(() => bytes);
      assert.equal(said(await fetched()), expected);
    }
  });

  test('by a responder of local configuration', async () => {
    const responder = makeResponder({}, root);
    const { fetched, says } = scene({ trustedResponders: [responder.certificate] });
    says(() => answer({ of: leaf, signer: responder }));
    assert.equal(said(await fetched()), 'good');
  });
});

describe('who asks together', () => {
  test('a hundred share one request, and who gives up ends nobody else', async () => {
    const { check, question, says, asked, status } = scene();
    const { promise, resolve } = Promise.withResolvers<Uint8Array>();
    says(() => promise);
    const leaving = new AbortController();
    const left = check.fetchFor(question(), leaving.signal);
    const waiting = Array.from({ length: 99 }, () => check.fetchFor(question(), new AbortController().signal));
    leaving.abort();
    await left;
    resolve(answer({ of: leaf }));
    await Promise.all(waiting.map(async (one) => await one));
    assert.equal(asked.length, 1);
    assert.equal(said(status()), 'good');
  });

  test('so many at once, so many in line, and the rest is told why not', async () => {
    const { check, question, says, asked, status } = scene({ mostRequestsPerResponder: 2, mostWaiting: 3 });
    const { promise, resolve } = Promise.withResolvers<undefined>();
    says(async (retrieval) => {
      await promise;
      return answer({ of: leaves.find((one) => retrieval.url === urlOf(one)) ?? leaf });
    });
    const leaves = Array.from({ length: 7 }, () => leafNaming(url));
    const urlOf = (holder: typeof leaf): string | undefined => asked[leaves.indexOf(holder)]?.url;
    const waiting = leaves.map((one) => check.fetchFor(question(one), new AbortController().signal));
    assert.equal(waiting.filter((one) => one !== undefined).length, 5);
    assert.equal(asked.length, 2);
    assert.equal(said(status(leaves[6])), 'undetermined CS-OCSP-025');
    resolve(undefined);
    await Promise.all(waiting.map(async (one) => await one));
    assert.equal(asked.length, 5);
    assert.deepEqual(
      leaves.slice(0, 5).map((one) => said(status(one))),
      Array(5).fill('good'),
    );
  });

  test('what is remembered is bounded, and the least recently used goes', async () => {
    const { fetched, says, clock, status, asked, check } = scene({ mostCached: 2 });
    const [one, two, three] = [leafNaming(url), leafNaming(url), leafNaming(url)];
    for (const holder of [one, two]) {
      says(() => fresh(clock, holder));
      await fetched(holder);
    }
    assert.equal(said(status(one)), 'good');
    says(() => fresh(clock, three));
    await fetched(three);
    assert.equal(said(status(one)), 'good');
    assert.equal(said(status(three)), 'good');
    assert.equal(asked.length, 3);
    assert.equal(said(status(two)), 'undetermined CS-OCSP-021');
    check.close();
    assert.equal(clock.pending, 0);
  });
});

describe('a responder that fails', () => {
  test('is asked again after a while that grows', async () => {
    const { clock, check, question, asked, fetched, says, status } = scene();
    assert.equal(said(await fetched()), 'undetermined CS-FETCH-001');
    assert.equal(check.fetchFor(question(), new AbortController().signal), undefined, 'nothing is fetched so soon');
    const times: number[] = [];
    for (let ticks = 0; ticks < 5 * 60 * 4; ticks++) {
      clock.advance(250);
      await turn();
      if (asked.length > times.length + 1) times.push(clock.monotonic());
    }
    const pauses = times.map((time, index) => time - (times[index - 1] ?? 0));
    assert.ok(
      pauses.every((pause, index) => pause >= (pauses[index - 1] ?? 0)),
      pauses.join(' '),
    );
    assert.ok(pauses.length < 15 && (pauses.at(-1) ?? 0) <= 60_000, pauses.join(' '));
    says(() => fresh(clock));
    clock.advance(60_000);
    await turn();
    assert.equal(said(status()), 'good');
  });

  test('is left alone after three, for all certificates, unless it is about one alone', async () => {
    const { fetched, asked } = scene();
    const leaves = Array.from({ length: 5 }, () => leafNaming(url));
    for (const one of leaves) assert.equal(said(await fetched(one)), 'undetermined CS-FETCH-001');
    assert.equal(asked.length, 3);
    const others = scene();
    others.says(() => {
      throw new Refusal('CS-FETCH-004', { url, status: 404 });
    });
    for (const one of leaves) assert.equal(said(await others.fetched(one)), 'undetermined CS-FETCH-004');
    assert.equal(others.asked.length, 5);
  });

  test('gives way to the next one that the certificate names', async () => {
    const { clock, check, question, asked, says, status } = scene();
    const holder = leafNaming(url, { otherUrl: 'http://second.example' });
    says(({ url: at }) => (at.startsWith('http://second.') ? fresh(clock, holder) : unreachable()));
    await check.fetchFor(question(holder), new AbortController().signal);
    assert.equal(said(status(holder)), 'undetermined CS-FETCH-001');
    clock.advance(1_000);
    await turn();
    assert.equal(said(status(holder)), 'good');
    assert.equal(asked.length, 2);
  });
});

describe('staples', () => {
  test('a good one is as good as what is fetched, and is remembered', () => {
    const { status, asked } = scene();
    const staple = answer({ of: leaf });
    assert.equal(said(status(leaf, staple)), 'good');
    assert.equal(said(status()), 'good');
    assert.equal(asked.length, 0);
  });

  test('of a certificate that names no responder, too', () => {
    const { status, clock } = scene();
    const holder = leafNaming(undefined);
    assert.equal(said(status(holder)), 'notCovered');
    assert.equal(said(status(holder, answer({ of: holder }))), 'good');
    assert.equal(said(status(holder)), 'good');
    clock.advance(2 * hourMs);
    assert.equal(said(status(holder)), 'notCovered');
    assert.equal(said(status(holder, answer({ of: leaf }))), 'notCovered', 'a useless one is none');
  });

  test('a bad one changes nothing but the words of the refusal, unless it says revoked', async () => {
    const { status, fetched, says, clock } = scene();
    const late = answer({ of: leaf, thisUpdate: testMoment - 2 * hourMs });
    const refused = status(leaf, late);
    assert.equal(said(refused), 'undetermined CS-OCSP-026');
    assert.ok(refused.status === 'undetermined' && String(refused.refusal.evidence['staple']).includes('CS-OCSP-006'));
    assert.equal(said(status()), 'undetermined CS-OCSP-021', 'and nothing of it is remembered');
    const lateRevoked = answer({ of: leaf, status: revoked, thisUpdate: testMoment - 2 * hourMs });
    assert.equal(said(status(leaf, lateRevoked)), 'undetermined CS-OCSP-026, last known revoked');
    assert.equal(said(status()), 'undetermined CS-OCSP-021');
    says(() => fresh(clock));
    assert.equal(said(await fetched(leaf, late)), 'good');
  });

  test('an older one takes nothing back, and revoked closes what was good', async () => {
    const { status, fetched, says, told } = scene();
    says(() => answer({ of: leaf, status: revoked }));
    await fetched();
    assert.equal(
      said(status(leaf, answer({ of: leaf, thisUpdate: testMoment - 2 * minuteMs }))),
      'revoked CS-OCSP-020',
    );
    const other = leafNaming(url);
    assert.equal(said(status(other, answer({ of: other }))), 'good');
    await Promise.resolve();
    assert.equal(told.length, 1, 'a first good one is no change');
    told.length = 0;
    const staple = answer({ of: other, status: revoked, thisUpdate: testMoment });
    assert.equal(said(status(other, staple)), 'revoked CS-OCSP-020');
    assert.equal(told.length, 0, 'not from within');
    await Promise.resolve();
    assert.deepEqual(told, [{ kind: 'certificates', revocationKeys: [keyOf(other)] }]);
  });

  test('one without nextUpdate is young or no use', () => {
    const { status } = scene();
    const of = (thisUpdate: number): Uint8Array => answer({ of: leaf, thisUpdate, nextUpdate: 'absent' });
    assert.equal(said(status(leaf, of(testMoment - 6 * minuteMs))), 'undetermined CS-OCSP-006');
    assert.equal(said(status(leaf, of(testMoment - 4 * minuteMs))), 'good');
  });
});

describe('while time goes on', () => {
  test('what is asked for is fetched ahead, and told', async () => {
    const { clock, fetched, says, asked, told, status } = scene();
    says(() => fresh(clock));
    await fetched();
    told.length = 0;
    const begun = clock.now();
    for (let minutes = 0; asked.length < 2 && minutes < 90; minutes++) clock.advance(minuteMs);
    const after = clock.now() - begun;
    assert.ok(after >= hourMs / 2 && after <= hourMs, `${after} ms`);
    await turn();
    clock.advance(100);
    assert.deepEqual(told, [{ kind: 'certificates', revocationKeys: [keyOf(leaf)] }]);
    const now = status();
    assert.ok(now.status === 'good' && now.freshUntil > testMoment + hourMs + 5 * minuteMs);
  });

  test('a revocation that comes by a refresh is told at once', async () => {
    const { clock, fetched, says, asked, told, status } = scene();
    says(() => fresh(clock));
    await fetched();
    told.length = 0;
    says(() => answer({ of: leaf, status: revoked, thisUpdate: clock.now() }));
    for (let minutes = 0; asked.length < 2 && minutes < 90; minutes++) clock.advance(minuteMs);
    await turn();
    assert.deepEqual(told, [{ kind: 'certificates', revocationKeys: [keyOf(leaf)] }]);
    assert.equal(said(status()), 'revoked CS-OCSP-020');
  });

  test('nobody asks: it is let go', async () => {
    const { clock, fetched, says, asked, check } = scene();
    says(() => fresh(clock));
    await fetched();
    for (let minutes = 0; minutes < 300; minutes++) {
      clock.advance(minuteMs);
      await turn();
    }
    assert.ok(asked.length <= 2, `${asked.length} requests`);
    assert.deepEqual(check.evidence(), []);
    assert.equal(clock.pending, 0);
  });

  test('fetching fails: a warning before the end, one at the end, and then it is told', async () => {
    const { clock, fetched, says, told, warnings, status } = scene({ idleMs: 10 * hourMs });
    says(() => fresh(clock));
    await fetched();
    told.length = 0;
    says(unreachable);
    const warnedAt: number[] = [];
    for (let minutes = 1; minutes <= 70; minutes++) {
      clock.advance(minuteMs);
      await turn();
      if (warnings.length > warnedAt.length) warnedAt.push(minutes);
    }
    assert.deepEqual(
      warnings.map(({ code }) => code),
      ['CS-OCSP-024', 'CS-OCSP-024'],
    );
    assert.ok((warnedAt[0] ?? 0) > 40 && (warnedAt[0] ?? 0) < 50 && warnedAt[1] === 66, warnedAt.join(' '));
    assert.deepEqual(told, [{ kind: 'certificates', revocationKeys: [keyOf(leaf)] }]);
    assert.equal(said(status()), 'undetermined CS-FETCH-001');
  });

  test('a revoked one that ran out stays known as revoked', async () => {
    const { clock, fetched, says, status } = scene({ idleMs: 10 * hourMs });
    says(() => answer({ of: leaf, status: revoked }));
    await fetched();
    says(unreachable);
    clock.advance(2 * hourMs);
    await turn();
    assert.equal(said(status()), 'undetermined CS-FETCH-001, last known revoked');
    // Kept by somebody since before the revocation.
    says(() => answer({ of: leaf, thisUpdate: testMoment - 2 * minuteMs, nextUpdate: testMoment + 5 * hourMs }));
    clock.advance(minuteMs);
    await turn();
    assert.equal(said(await fetched()), 'undetermined CS-OCSP-006, last known revoked');
  });

  test('the clock is set: back, nothing is believed; on, it is noticed', async () => {
    const { clock, fetched, says, status, told } = scene({ idleMs: 10 * hourMs });
    says(() => fresh(clock));
    await fetched();
    clock.setNow(testMoment - hourMs);
    assert.equal(said(status()), 'undetermined CS-OCSP-006');
    clock.setNow(testMoment);
    assert.equal(said(status()), 'good');
    told.length = 0;
    says(unreachable);
    clock.setNow(testMoment + 5 * hourMs);
    assert.equal(said(status()), 'undetermined CS-OCSP-006');
    clock.advance(minuteMs + 100);
    assert.equal(told.length, 1);
  });
});

describe('a delegated responder that must itself be looked up', () => {
  const responder = makeResponder({ check: true });
  const serialOf = ({ url: at }: OcspRetrieval): string | undefined =>
    parseOcspRequest(new Uint8Array(Buffer.from(decodeURIComponent(at.slice(at.lastIndexOf('/') + 1)), 'base64')))
      .requests[0]?.certId.serialNumber;
  const with_ = (options: Partial<OcspOptions>, aboutIt: () => Uint8Array): Scene => {
    const one = scene({ responder: url, ...options });
    one.says((retrieval) =>
      serialOf(retrieval) === responder.certificate.serialNumber ? aboutIt() : answer({ of: leaf, signer: responder }),
    );
    return one;
  };

  test('is, by its issuer or another, once', async () => {
    const good = with_({}, () => answer({ of: responder }));
    assert.equal(said(await good.fetched()), 'good');
    assert.equal(good.asked.length, 2 + 1, 'the issuer itself is asked about too');
    const gone = with_({}, () => answer({ of: responder, status: revoked }));
    assert.equal(said(await gone.fetched()), 'undetermined CS-OCSP-022');
    const itself = with_({}, () => answer({ of: responder, signer: responder }));
    assert.equal(said(await itself.fetched()), 'undetermined CS-OCSP-022');
    const absent = with_({}, unreachable);
    assert.equal(said(await absent.fetched()), 'undetermined CS-OCSP-022');
  });

  test('by another means where one is handed in, whose changes are told', async () => {
    let one: CertificateStatus = { status: 'good', freshUntil: testMoment + minuteMs };
    let tell: (change: StatusChange) => void = () => undefined;
    const lists: StatusCheck = {
      ask: ({ path }) => (assert.equal(path.certificates[0]?.subject.text, 'CN=responder'), [one]),
      fetchFor: () => undefined,
      watch(listener) {
        tell = listener;
        return () => undefined;
      },
      evidence: () => [],
    };
    const { fetched, status, told } = with_({ responderChecks: lists }, unreachable);
    assert.deepEqual(await fetched(), one);
    one = { status: 'revoked', refusal: new Refusal('CS-OCSP-021', { serial: '', url }) };
    told.length = 0;
    tell({ kind: 'certificates', revocationKeys: [keyOf(responder)] });
    assert.deepEqual(told, [{ kind: 'issuers', issuerKeys: [issuerKey] }]);
    assert.equal(said(status()), 'undetermined CS-OCSP-022');
    one = { status: 'notCovered' };
    assert.equal(said(status()), 'undetermined CS-OCSP-022');
  });
});

describe('what it speaks of', () => {
  test('a certificate with noRevAvail is good without being asked', async () => {
    const { fetched, asked } = scene({ requireResponder: true });
    const holder = leafNaming(undefined, { moreExtensions: [noRevAvailExtension()] });
    assert.deepEqual(await fetched(holder), { status: 'good', freshUntil: Infinity });
    assert.equal(asked.length, 0);
  });

  test('a certificate without a responder is not covered, or open where there must be one', async () => {
    assert.equal(said(await scene().fetched(leafNaming(undefined))), 'notCovered');
    const strict = scene({ requireResponder: true });
    assert.equal(said(await strict.fetched(leafNaming(undefined))), 'undetermined CS-OCSP-023');
  });

  test('only of its scope', async () => {
    for (const scope of [{ trustDomains: ['other.example'] }, { issuers: ['00'] }]) {
      const { fetched, asked } = scene({ scope });
      assert.equal(said(await fetched()), 'notCovered');
      assert.equal(asked.length, 0);
    }
    const { status } = scene({ scope: { trustDomains: ['test.example'], issuers: [issuerKey] } });
    assert.equal(said(status()), 'undetermined CS-OCSP-021');
  });

  test('evidence: one line for each responder and issuer', async () => {
    const { fetched, says, clock, check } = scene();
    const other = leafNaming(url);
    says(() => fresh(clock));
    await fetched();
    says(unreachable);
    await fetched(other);
    const [line, ...others] = check.evidence();
    assert.equal(others.length, 0);
    assert.equal(line?.freshUntil, testMoment + hourMs + 5 * minuteMs);
    assert.equal(line.failure?.code, 'CS-FETCH-001');
    assert.deepEqual([line.means, line.source, line.issuer], ['ocsp', url, 'CN=test issuer']);
  });

  test('bounds that are none are a mistake', () => {
    assert.throws(() => scene({ mostCached: Number.NaN }), TypeError);
    assert.throws(() => scene({ perFetchTimeoutMs: 0 }), TypeError);
  });
});
