import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  generatePrivateKey,
  type Holder,
  hourMs,
  makeIssuer,
  makeRoot,
  makeService,
  testMoment,
  verifySignature,
} from '../../../../../../tests/fixtures/certificates.ts';
import { question, refusalOf, refuses } from '../../../../../../tests/fixtures/paths.ts';
import type { Certificate } from '../certificate.ts';
import {
  authorityKeyIdentifierExtension,
  encodeName,
  examinePaths,
  type NamedKey,
  type PathInput,
  subjectKeyIdentifierExtension,
  validatePath,
  type VerifySignature,
} from '../index.ts';
import { Budget } from './budget.ts';
import { visitPaths } from './build-paths.ts';

const root = makeRoot();
const faultless = { isFaulty: (): boolean => false };

/** Every path that names lead along, in the order in which they are found; each by the certificates' names. */
function paths(input: PathInput, names: ReadonlyMap<unknown, string>, mostIntermediates = 6): string[] {
  const found: string[] = [];
  visitPaths(input, mostIntermediates, faultless, new Budget({ steps: 100_000 }), ({ issued, anchor }) => {
    found.push([...issued.slice(1), anchor].map((one) => names.get(one) ?? '?').join(' '));
    return false;
  });
  return found;
}

function named(holders: Readonly<Record<string, Holder>>): Map<unknown, string> {
  return new Map(Object.entries(holders).map(([name, { certificate }]) => [certificate, name]));
}

test('cross-signed: a path through each of the issuers, and the valid one is found whichever anchor is trusted', () => {
  const other = makeRoot({ subject: 'other root' });
  const issuer = makeIssuer(root);
  const crossed = makeIssuer(other, { key: issuer.key });
  const leaf = makeService(issuer);
  const names = named({ root, other, issuer, crossed });
  const both = question(leaf, [crossed, issuer], root, { anchors: [root.certificate, other.certificate] });
  assert.deepEqual(paths(both, names).toSorted(), ['crossed other', 'issuer root']);
  for (const anchor of [root, other]) {
    const { certificates } = validatePath(question(leaf, [crossed, issuer], anchor));
    assert.deepEqual(certificates, [
      leaf.certificate,
      (anchor === root ? issuer : crossed).certificate,
      anchor.certificate,
    ]);
  }
});

test('re-keyed issuers and anchors of one name: each is tried until the signature verifies', () => {
  const roots = Array.from({ length: 4 }, () => makeRoot());
  const issuers = roots.map((above) => makeIssuer(above));
  const anchors = roots.map(({ certificate }) => certificate);
  for (const [index, issuer] of issuers.entries()) {
    const leaf = makeService(issuer, { identifiers: [] });
    const found = validatePath(question(leaf, issuers, root, { anchors }));
    assert.deepEqual(found.certificates, [leaf.certificate, issuer.certificate, anchors[index]]);
    assert.equal(found.anchor, anchors[index]);
  }
});

test('an anchor may be the issuer of the end-entity, or stand in the middle of what else would be a path', () => {
  const issuer = makeIssuer(root);
  const leaf = makeService(issuer);
  assert.deepEqual(validatePath(question(leaf, [], issuer)).certificates, [leaf.certificate, issuer.certificate]);
  assert.deepEqual(validatePath(question(leaf, [issuer, root], issuer)).certificates, [
    leaf.certificate,
    issuer.certificate,
  ]);
  const names = named({ root, issuer });
  const anchors = [root.certificate, issuer.certificate];
  assert.deepEqual(paths(question(leaf, [issuer], root, { anchors }), names), ['issuer', 'issuer root']);
});

test('loops end: the same holder stands in a path once', () => {
  const [keyA, keyB] = [generatePrivateKey('P-256'), generatePrivateKey('P-256')];
  const a = makeIssuer(root, { subject: 'a', key: keyA });
  const b = makeIssuer(a, { subject: 'b', key: keyB });
  const aByB = makeIssuer(b, { subject: 'a', key: keyA });
  const leaf = makeService(b);
  const names = named({ root, a, b, aByB });
  assert.deepEqual(paths(question(leaf, [aByB, b, a], root), names), ['b a root']);
  assert.deepEqual(validatePath(question(leaf, [aByB, b, a], root)).certificates.length, 4);
  // The end-entity itself is a holder, too: what it issued does not lead back to it.
  const own = makeIssuer(root, { subject: 'own' });
  const below = makeIssuer(own, { subject: 'test root' });
  assert.deepEqual(paths(question(own, [below, own], root), named({ root, own, below })), ['root']);
  // A circle without any way out is no path.
  const lost = makeService(b);
  assert.equal(
    refusalOf(() => validatePath(question(lost, [aByB, b], makeRoot({ subject: 'else' })))).code,
    'CS-PATH-001',
  );
  // The same key by another name, and the same name with another key, are other holders.
  const renamed = makeIssuer(a, { subject: 'c', key: keyA });
  validatePath(question(makeService(renamed), [renamed, a], root));
  const rekeyed = makeIssuer(a, { subject: 'a' });
  validatePath(question(makeService(rekeyed), [rekeyed, a], root));
});

test('most intermediates: those that are self-issued do not count, up to twice as many and at least 16', () => {
  const line = (subjects: readonly string[]): Holder[] => {
    const made: Holder[] = [];
    for (const subject of subjects) made.push(makeIssuer(made.at(-1) ?? root, { subject }));
    return made;
  };
  const ask = (between: Holder[], mostIntermediates?: number): number =>
    validatePath(
      question(
        makeService(between.at(-1)!),
        between,
        root,
        mostIntermediates === undefined ? {} : { mostIntermediates },
      ),
    ).certificates.length;
  const same = (count: number): string[] => Array<string>(count).fill('same');
  const own = line(same(17));
  assert.equal(ask(own.slice(0, 16)), 18);
  // What is left are shorter ways of the same names.
  assert.equal(refusalOf(() => ask(own)).code, 'CS-PATH-004');
  assert.equal(ask(own, 9), 19);
  const three = line(['a', 'a', 'b', 'b', 'c', 'c']);
  assert.equal(ask(three, 3), 8);
  refuses(() => ask(three, 2), 'CS-PATH-006', { issuer: 'CN=a', pathLength: 2, intermediates: 3 });
  assert.equal(validatePath(question(makeService(root), [], root, { mostIntermediates: 0 })).certificates.length, 2);
});

test('key identifiers and times are hints: the likeliest comes first, and nobody is left out for them', () => {
  const byKey = makeIssuer(root);
  const late = makeIssuer(root, { key: byKey.key, notAfter: testMoment - 1000 });
  const early = makeIssuer(root, { key: byKey.key, notBefore: testMoment + 1000, notAfter: testMoment + hourMs });
  const without = makeIssuer(root, { identifiers: [] });
  const wrong = makeIssuer(root);
  const leaf = makeService(byKey);
  const names = named({ root, byKey, late, early, without, wrong });
  const all = [wrong, early, without, late, byKey];
  const ranked = paths(question(leaf, all, root), names);
  assert.deepEqual(ranked.slice(1, 3).toSorted(), ['early root', 'late root']);
  assert.deepEqual([ranked[0], ...ranked.slice(3)], ['byKey root', 'without root', 'wrong root']);
  // In time from its first moment to the end of its last second.
  const brief = makeIssuer(root, { key: byKey.key, notBefore: testMoment, notAfter: testMoment });
  const some = named({ root, brief, late });
  for (const [at, first] of [
    [testMoment - 1, 'late root'],
    [testMoment, 'brief root'],
    [testMoment + 999, 'brief root'],
    [testMoment + 1000, 'late root'],
  ] as const) {
    assert.equal(paths(question(leaf, [late, brief], root, { at }), some)[0], first);
  }
});

test('a wrong authorityKeyIdentifier, or none, still validates', () => {
  const issuer = makeIssuer(root, { identifiers: [subjectKeyIdentifierExtension(Uint8Array.of(1))] });
  const decoy = makeIssuer(root, { identifiers: [subjectKeyIdentifierExtension(Uint8Array.of(2))] });
  for (const identifiers of [
    [],
    [authorityKeyIdentifierExtension(Uint8Array.of(2))],
    [authorityKeyIdentifierExtension(Uint8Array.of(3))],
  ]) {
    const leaf = makeService(issuer, { identifiers });
    for (const between of [[issuer], [issuer, decoy], [decoy, issuer]]) {
      assert.equal(validatePath(question(leaf, between, root)).certificates[1], issuer.certificate);
    }
  }
});

test('of two anchors of one name, a key identifier tells which is asked first', () => {
  const [right, wrong] = [makeRoot(), makeRoot()];
  const leaf = makeService(right);
  const anchorOf = ({ certificate }: Holder): NamedKey => ({
    subject: certificate.subject,
    publicKey: certificate.publicKey,
    subjectKeyIdentifier: certificate.subjectKeyIdentifier!,
  });
  for (const anchors of [
    [anchorOf(wrong), anchorOf(right)],
    [anchorOf(right), anchorOf(wrong)],
    [wrong.certificate, anchorOf(right)],
  ]) {
    const report = examinePaths(question(leaf, [], root, { anchors }));
    assert.equal(report.valid, true);
    assert.deepEqual(report.work, { signatures: 1, paths: 1, names: 0 });
  }
});

test('the answer does not depend on the order of intermediates or anchors', () => {
  const other = makeRoot({ subject: 'other root' });
  const top = makeIssuer(root, { subject: 'top' });
  const crossed = makeIssuer(other, { subject: 'top', key: top.key });
  const stale = makeIssuer(root, { subject: 'top', key: top.key, notAfter: testMoment - 1000 });
  const issuer = makeIssuer(top);
  const impostor = makeIssuer(makeRoot({ subject: 'top' }));
  const leaf = makeService(issuer);
  const expired = makeService(issuer, { notAfter: testMoment - 1000 });
  const between = [top, crossed, stale, issuer, impostor, leaf, root, other].map(({ certificate }) => certificate);
  const anchors = [root, other, makeRoot(), makeRoot({ subject: 'other root' })].map(({ certificate }) => certificate);
  // Verified once: it is the order that is tried here.
  const verdicts = new Map<string, boolean>();
  const remembering: VerifySignature = (key, algorithm, tbs, signature) => {
    const name = Buffer.from(key.raw).toString('base64') + Buffer.from(signature).toString('base64');
    const verdict = verdicts.get(name) ?? verifySignature(key, algorithm, tbs, signature);
    verdicts.set(name, verdict);
    return verdict;
  };
  const shuffled = <T>(list: readonly T[]): fc.Arbitrary<T[]> =>
    fc.shuffledSubarray([...list], { minLength: list.length });
  fc.assert(
    fc.property(shuffled([...between, ...between]), shuffled(anchors), (intermediates, some) => {
      const asked = question(leaf, [], root, { intermediates, anchors: some, verifySignature: remembering });
      const { certificates, anchor } = validatePath(asked);
      const [first, second, third] = certificates;
      assert.deepEqual([first, second], [leaf.certificate, issuer.certificate]);
      assert.ok(third === (anchor === root.certificate ? top : crossed).certificate);
      assert.equal(refusalOf(() => validatePath({ ...asked, leaf: expired.certificate })).code, 'CS-PATH-002');
      const only = { ...asked, anchors: [other.certificate] };
      assert.equal(validatePath(only).certificates[2], crossed.certificate);
    }),
    { numRuns: 100 },
  );
});

test('issuers from which names lead to no anchor cost nothing but a look', () => {
  const issuer = makeIssuer(root);
  const leaf = makeService(issuer);
  const strangers = Array.from({ length: 60 }, (_, index) =>
    makeIssuer(makeRoot({ subject: `nobody ${index % 3}` }), {
      subject: index % 2 === 0 ? 'test issuer' : `nobody ${(index + 1) % 3}`,
    }),
  );
  const { valid, work } = examinePaths(question(leaf, [...strangers, issuer], root, { limits: { steps: 3 } }));
  assert.equal(valid, true);
  assert.deepEqual(work, { signatures: 2, paths: 1, names: 0 });
});

test('a certificate sent many times is one certificate', () => {
  const issuer = makeIssuer(root);
  const copies = Array.from({ length: 50 }, (): Certificate => ({
    ...issuer.certificate,
    raw: Uint8Array.from(issuer.certificate.raw),
  }));
  const input = question(makeService(issuer), [], root, { intermediates: [...copies, issuer.certificate] });
  let visited = 0;
  visitPaths(input, 6, faultless, new Budget({ steps: 3 }), () => {
    visited++;
    return false;
  });
  assert.equal(visited, 1);
});

test('names lead where they are the same name, not where they are the same octets', () => {
  const upper = makeIssuer(root, { subject: 'Test  ISSUER' });
  const leaf = makeService(upper, { issuerName: encodeName({ commonName: 'test issuer' }) });
  validatePath(question(leaf, [upper], root));
});

test('what is known to be faulty is not tried again, and a visit that answers true ends the search', () => {
  const issuers = Array.from({ length: 3 }, () => makeIssuer(root));
  const input = question(makeService(issuers[0]!), issuers, root);
  let visited = 0;
  const visit = (end: boolean) => (): boolean => {
    visited++;
    return end;
  };
  assert.equal(visitPaths(input, 6, faultless, new Budget(), visit(true)), true);
  assert.equal(visited, 1);
  assert.equal(visitPaths(input, 6, faultless, new Budget(), visit(false)), false);
  assert.equal(visited, 4);
  const faults = {
    isFaulty: (_: Certificate, issuer: unknown): boolean =>
      issuer !== issuers[1]!.certificate && issuer !== root.certificate,
  };
  assert.equal(visitPaths(input, 6, faults, new Budget(), visit(false)), false);
  assert.equal(visited, 5);
  assert.equal(
    visitPaths(input, 6, { isFaulty: (_, issuer) => issuer === root.certificate }, new Budget(), visit(true)),
    false,
  );
  assert.equal(visited, 5);
});
