/** The gate: the direction rules hold, enough modules were seen to say so, and each rule is seen to fail where it must. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { examine, type Examination } from './examine.ts';
import { allowed, planted } from './planted.ts';
import { rules } from './rules.ts';
import { fewestModules } from './wings.ts';

const root = resolve(import.meta.dirname, '../..');
const house = await examine(root, ['packages', 'tests', 'bench', 'tools']);
const plantedHouse = await examinePlanted();

const failures = [
  ...house.violations.map(describe),
  ...tooFew(house),
  ...unseen(plantedHouse),
  ...overdone(plantedHouse),
];
for (const failure of failures) console.error(failure);
if (failures.length > 0) {
  console.error(`\ndirection rules: ${failures.length} failures; the map is tools/direction-rules/wings.ts`);
  process.exitCode = 1;
} else {
  console.log(
    `direction rules: ${house.modules} modules, ${house.roomImports.length} roads between rooms, no violation`,
  );
}

async function examinePlanted(): Promise<Examination> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-'));
  try {
    for (const [path, text] of Object.entries({ ...planted, ...allowed })) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    return await examine(folder, ['packages', 'tests']);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function describe({ rule, from, to, reason }: Examination['violations'][number]): string {
  return `${rule}: ${from} -> ${to}\n  ${reason}`;
}

function tooFew({ modules }: Examination): string[] {
  if (modules >= fewestModules) return [];
  return [`only ${modules} modules were seen, of at least ${fewestModules}: the examination itself is broken`];
}

/** Every rule has a violation planted; one that is not found would not be found in the house either. */
function unseen({ violations }: Examination): string[] {
  const seen = new Set(violations.map(({ rule }) => rule));
  return [...rules().map(({ name }) => name ?? ''), 'room-cycle']
    .filter((name) => !seen.has(name))
    .map((name) => `the violation of "${name}" planted in tools/direction-rules/planted.ts was not found`);
}

function overdone({ violations }: Examination): string[] {
  return violations
    .filter(({ from }) => from in allowed)
    .map(({ rule, from }) => `"${rule}" forbids what it should not: ${from} in tools/direction-rules/planted.ts`);
}
