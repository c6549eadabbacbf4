/** Every scenario of the benchmarks does what it says, once and untimed, and its goals speak of subjects that there are. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { median } from '../../bench/frame/median.ts';
import { isChosen, readScenarios } from '../../bench/frame/scenarios.ts';
import { slope } from '../../bench/frame/slope.ts';
import { makeHierarchy } from '../../bench/x509/hierarchy.ts';
import { validators } from '../../bench/x509/validators.ts';

process.env['COUNTERSIGN_BENCH_SOURCES'] = '1';
const scenarios = await readScenarios();

for (const { scenario, subjects, facts, goals = [], remarks = [] } of scenarios) {
  describe(`scenario ${scenario}`, () => {
    for (const subject of subjects) {
      test(`${subject.name}${subject.size === undefined ? '' : `, n = ${subject.size}`}`, async () => {
        const running = await subject.start();
        try {
          await running.prepare?.(1);
          await running.operation();
        } finally {
          await running.close();
        }
      });
    }

    const numbers = [
      ...goals.map(({ goal, value }) => [`the goal "${goal}"`, value] as const),
      ...remarks.map(({ remark, value }) => [`the remark "${remark}"`, value] as const),
    ];
    for (const [what, valueOf] of numbers) {
      test(`${what} is about subjects that are measured`, () => {
        const value = valueOf((name, size) => {
          assert.ok(
            subjects.some((subject) => subject.name === name && subject.size === size) ||
              facts?.names.includes(name) === true,
            `no subject ${name}`,
          );
          return 1 + (size ?? 0);
        });
        assert.ok(Number.isFinite(value));
      });
    }
  });
}

for (const { name, cold, warm } of validators) {
  test(`${name} verifies: a signature with one bit changed is not accepted`, async () => {
    const hierarchy = await makeHierarchy();
    const forged = hierarchy.leaf.map((octet, index, all) => (index === all.length - 1 ? octet ^ 1 : octet));
    const accepts = (verdict: Promise<boolean>): Promise<boolean> => verdict.catch(() => false);
    assert.equal(await accepts(cold({ ...hierarchy, leaf: forged })), false);
    assert.equal(await accepts(warm({ ...hierarchy, leaf: forged })(forged)), false);
  });
}

test('a scenario is chosen by the beginning of its name, and by its group', () => {
  const chosen = (prefix: string): string[] =>
    scenarios.filter((scenario) => isChosen(scenario, prefix)).map(({ scenario }) => scenario);
  const ofX509 = ['name-constraints', 'parse-web', 'parse', 'validate-cold', 'validate-warm'];
  assert.deepEqual(chosen('x509').sort(), ofX509.sort());
  assert.deepEqual(chosen('x509-validate').sort(), ['validate-cold', 'validate-warm']);
  assert.deepEqual(chosen('validate-cold'), ['validate-cold']);
  assert.deepEqual(
    scenarios
      .filter(({ scenario }) => !chosen('').includes(scenario))
      .map(({ scenario }) => scenario)
      .sort(),
    ['crl', 'epoch', 'feed', 'floods', 'footprint', 'gateway-idle', 'hot-swap', 'idle', 'idle-http2'],
  );
  assert.deepEqual(chosen('footprint'), ['footprint']);
});

test('the slope of a power is its exponent', () => {
  const points = [10, 100, 1000].map((size) => [size, 3 * size ** 2] as const);
  assert.ok(Math.abs(slope(points) - 2) < 1e-9);
});

test('the median of an odd count is the one in the middle', () => {
  assert.equal(median([30, 1, 2]), 2);
});
