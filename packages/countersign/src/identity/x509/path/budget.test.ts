import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Holder,
  makeIssuer,
  makeRoot,
  makeService,
  verifySignature,
} from '../../../../../../tests/fixtures/certificates.ts';
import { question, refusalOf, refuses } from '../../../../../../tests/fixtures/paths.ts';
import { processorMs } from '../../../../../../tests/fixtures/processor-time.ts';
import { examinePaths, type PathLimits, validatePath, type VerifySignature } from '../index.ts';
import { Budget, defaultPathLimits } from './budget.ts';

test('as much as the limit is spent, and no more; what is spent is told', () => {
  const cases: readonly (readonly [keyof PathLimits, string, (budget: Budget) => void])[] = [
    ['signatures', 'signatures', (budget) => budget.spendSignature()],
    ['paths', 'paths', (budget) => budget.spendPath()],
    ['steps', 'steps of path building', (budget) => budget.spendStep()],
    ['names', 'names under constraints', (budget) => budget.spendNames(1, 1)],
  ];
  for (const [key, limit, spend] of cases) {
    for (const maximum of [1, 3]) {
      const budget = new Budget({ [key]: maximum });
      for (let spent = 0; spent < maximum; spent++) spend(budget);
      if (key !== 'steps') assert.equal(budget.work[key as keyof Budget['work']], maximum);
      refuses(() => spend(budget), 'CS-PATH-014', { limit, maximum });
      // It stays spent.
      refuses(() => spend(budget), 'CS-PATH-014', { limit, maximum });
    }
    const budget = new Budget();
    for (let spent = 0; spent < defaultPathLimits[key]; spent++) spend(budget);
    refuses(() => spend(budget), 'CS-PATH-014', { limit, maximum: defaultPathLimits[key] });
  }
});

test('names are counted for each issuer that constrains them, and those of one certificate by themselves', () => {
  const budget = new Budget({ names: 12, namesOfOne: 4 });
  budget.spendNames(4, 2);
  budget.spendNames(4, 1);
  assert.deepEqual(budget.work, { signatures: 0, paths: 0, names: 12 });
  refuses(() => budget.spendNames(5, 0), 'CS-PATH-014', {
    limit: 'names of one certificate under constraints',
    maximum: 4,
  });
  budget.spendNames(4, 0);
  refuses(() => budget.spendNames(1, 1), 'CS-PATH-014', { limit: 'names under constraints', maximum: 12 });
});

test('the defaults hold where nothing else is asked, and stand as documented', () => {
  assert.deepEqual(defaultPathLimits, { signatures: 100, paths: 250, steps: 20_000, namesOfOne: 1000, names: 250_000 });
});

test('a limit that is no number is a mistake of the caller, and not the absence of a limit', () => {
  for (const wrong of [Number.NaN, -1, undefined] as number[]) {
    for (const key of Object.keys(defaultPathLimits)) {
      assert.throws(() => new Budget({ [key]: wrong }), TypeError);
      assert.throws(() => validatePath(question(service, [issuer], root, { limits: { [key]: wrong } })), TypeError);
    }
  }
  new Budget({ steps: Infinity }).spendStep();
});

const root = makeRoot();
const issuer = makeIssuer(root);
const service = makeService(issuer);

test('each limit of a question holds', () => {
  const ask = (limits: Partial<PathLimits>): unknown => validatePath(question(service, [issuer], root, { limits }));
  ask({ signatures: 2, paths: 1, steps: 3 });
  refuses(() => ask({ signatures: 1 }), 'CS-PATH-014', { limit: 'signatures', maximum: 1 });
  refuses(() => ask({ paths: 0 }), 'CS-PATH-014', { limit: 'paths', maximum: 0 });
  // One step to find the issuer reachable, one up to it, one up to the anchor.
  refuses(() => ask({ steps: 2 }), 'CS-PATH-014', { limit: 'steps of path building', maximum: 2 });
  assert.deepEqual(examinePaths(question(service, [issuer], root)).work, { signatures: 2, paths: 1, names: 0 });
});

/** Authorities of which each issued to each of the next level: names lead along width to the power of depth paths. */
function maze(width: number, depth: number): { between: Holder[]; last: Holder } {
  const between: Holder[] = [];
  let above = [root];
  for (let level = 0; level < depth; level++) {
    const next = Array.from({ length: width }, () => makeIssuer(above[0] ?? root, { subject: `level ${level}` }));
    between.push(...next);
    above = next;
  }
  return { between, last: above.at(-1) ?? root };
}

test('a maze of issuers with the same names ends by a limit, quickly, and no signature is verified twice', () => {
  const { between } = maze(8, 6);
  // Whom nobody of the last level issued: every link to it is tried.
  const stranger = makeService(makeIssuer(root, { subject: 'level 5' }));
  const asked = new Map<unknown, Set<unknown>>();
  let verified = 0;
  const counting: VerifySignature = (key, algorithm, tbs, signature) => {
    verified++;
    const keys = asked.get(tbs) ?? new Set();
    assert.ok(!keys.has(key), 'asked twice');
    asked.set(tbs, keys.add(key));
    return verifySignature(key, algorithm, tbs, signature);
  };
  const start = processorMs();
  const refusal = refusalOf(() => validatePath(question(stranger, between, root, { verifySignature: counting })));
  assert.equal(refusal.code, 'CS-PATH-004');
  assert.ok(verified <= 100, `${verified}`);
  assert.ok(processorMs() - start < 2000);
  // All links verify, and the last rule fails on every path.
  const accepting = question(stranger, between, root, {
    verifySignature: () => true,
    names: [{ kind: 'dns', value: 'x' }],
  });
  assert.equal(refusalOf(() => validatePath(accepting)).code, 'CS-PATH-010');
  const { work, refusal: told } = examinePaths({ ...accepting, names: [], policies: { requireExplicit: true } });
  assert.equal(told?.code, 'CS-PATH-012');
  assert.deepEqual(work, { signatures: 100, paths: 250, names: 0 });
});
