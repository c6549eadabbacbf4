/** Examines a tree against the rules: how many modules were seen, and which imports break which rule. */
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { roomCycles } from './room-cycles.ts';
import { rules, sources } from './rules.ts';

export interface Violation {
  readonly rule: string;
  readonly from: string;
  readonly to: string;
  readonly reason: string;
}

export interface Examination {
  /** Modules of the package's sources that were seen. */
  readonly modules: number;
  readonly violations: readonly Violation[];
  /** "wing/room" pairs of which the first imports the second. */
  readonly roomImports: readonly (readonly [from: string, to: string])[];
}

/** @param baseDir the folder that holds `packages/`; @param folders what to examine in it */
export async function examine(baseDir: string, folders: readonly string[]): Promise<Examination> {
  const forbidden = rules();
  const { output } = await cruise(
    [...folders],
    {
      baseDir,
      ruleSet: { forbidden },
      validate: true,
      tsPreCompilationDeps: true,
      doNotFollow: { path: 'node_modules' },
      exclude: { path: '(^|/)dist/' },
    },
    { conditionNames: ['source', 'import', 'node', 'default'], exportsFields: ['exports'] },
  );
  if (typeof output === 'string') throw new TypeError('dependency-cruiser answered with text');
  const roomImports = roomImportsOf(output);
  const reasons = new Map(forbidden.map((rule) => [rule.name, rule.comment ?? '']));
  return {
    modules: output.modules.filter((module) => module.source.startsWith(sources)).length,
    violations: [
      ...output.summary.violations.map(({ rule, from, to }) => ({
        rule: rule.name,
        from,
        to,
        reason: reasons.get(rule.name) ?? '',
      })),
      ...roomCycles(roomImports).map((cycle) => ({
        rule: 'room-cycle',
        from: cycle[0] ?? '',
        to: cycle.slice(1).join(' -> '),
        reason: 'no cycles between rooms',
      })),
    ],
    roomImports,
  };
}

function roomImportsOf(result: ICruiseResult): [string, string][] {
  const pairs = new Map<string, [string, string]>();
  for (const module of result.modules) {
    const from = roomOf(module.source);
    if (from === undefined || module.source.endsWith('.test.ts')) continue;
    for (const dependency of module.dependencies) {
      const to = roomOf(dependency.resolved);
      if (to !== undefined && to !== from) pairs.set(`${from} ${to}`, [from, to]);
    }
  }
  return [...pairs.values()].sort((a, b) => a.join(' ').localeCompare(b.join(' ')));
}

/** "wing/room" of a source file; the wing alone where it has no rooms. */
function roomOf(path: string): string | undefined {
  if (!path.startsWith(sources)) return undefined;
  const [wing, room] = path.slice(sources.length).split('/');
  return wing === 'cli' ? 'cli' : `${wing ?? ''}/${room ?? ''}`;
}
