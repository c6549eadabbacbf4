/** The map as rules of dependency-cruiser. */
import type { IForbiddenRuleType } from 'dependency-cruiser';
import {
  consoleMayImport,
  cryptography,
  exceptions,
  pure,
  roomless,
  strangers,
  testsMayImport,
  unreachable,
  wings,
  type Reach,
} from './wings.ts';

export const sources = 'packages/countersign/src/';

const src = `^${sources}`;
const test = String.raw`\.test\.ts$`;
const roomOfSource = `${src}((?:${roomless.join('|')})(?=/)|[^/]+/[^/]+)/`;
const door = String.raw`${src}[^/]+/[^/]+/index\.ts$`;

export function rules(): IForbiddenRuleType[] {
  return [
    ...Object.entries(wings).flatMap(([wing, reach]) => wingRules(wing, reach)),
    ...unreachable.map(unreachableRule),
    ...strangers.map(strangerRule),
    ...pure.map(pureRule),
    ...doorRules(),
    ...hygieneRules(),
    rule('console', 'the console is a page: it takes what runs in a browser', {
      from: { path: '^packages/console/' },
      to: { path: '^packages/countersign/', pathNot: `${src}(${consoleMayImport.join('|')})/` },
    }),
    rule('cryptography', `node:crypto is called in ${cryptography} alone: everything else has cryptography handed in`, {
      from: { path: src, pathNot: [`${src}${cryptography}/`, test] },
      to: { path: '^(node:)?crypto$' },
    }),
  ];
}

/** What one end of an import must be for a rule to speak of it. */
interface End {
  readonly path?: string | readonly string[];
  readonly pathNot?: string | readonly string[];
  readonly dependencyTypes?: readonly string[];
  readonly dependencyTypesNot?: readonly string[];
  readonly circular?: boolean;
  readonly couldNotResolve?: boolean;
  readonly reachable?: boolean;
}

function rule(name: string, comment: string, ends: { from: End; to: End }): IForbiddenRuleType {
  // The library's type is a union that no literal built in parts fits; it checks the shape itself when it runs.
  return { name, comment, severity: 'error', ...ends } as unknown as IForbiddenRuleType;
}

function wingRules(wing: string, reach: Reach): IForbiddenRuleType[] {
  if (reach.values === 'any') return [];
  const own = [wing, ...reach.values];
  const excepted = exceptions.filter(({ from }) => from.startsWith(`${wing}/`));
  const from = { path: `${src}${wing}/`, pathNot: [test, ...excepted.map((exception) => `${src}${exception.from}/`)] };
  const others = (allowed: readonly string[]): { path: string; pathNot: string } => ({
    path: src,
    pathNot: `${src}(${allowed.join('|')})/`,
  });
  const kinds = reach.types === 'any' ? { dependencyTypesNot: ['type-only'] } : {};
  const may = `${wing} may import ${reach.values.join(', ') || 'no other wing'}${reach.types === 'any' ? ', and types of any' : ''}`;
  return [
    rule(`wing-${wing}`, may, { from, to: { ...others(own), ...kinds } }),
    ...excepted.map((exception) =>
      rule(`wing-${exception.from}`, `${may}; ${exception.from} also ${exception.to.join(', ')}`, {
        from: { path: `${src}${exception.from}/`, pathNot: test },
        to: { ...others([...own, ...exception.to]), ...kinds },
      }),
    ),
    rule(`wing-${wing}-tests`, `${may}; its tests also ${testsMayImport.join(', ')}`, {
      from: { path: `${src}${wing}/.*${test}` },
      to: { ...others([...own, ...testsMayImport]), ...kinds },
    }),
  ];
}

function unreachableRule(pair: { from: string; to: readonly string[] }): IForbiddenRuleType {
  return rule(
    `reach-${pair.from}`,
    `no road leads from ${pair.from} to ${pair.to.join(' or ')}: it holds no signing keys`,
    {
      from: { path: `${src}${pair.from}/`, pathNot: test },
      to: { path: `${src}(${pair.to.join('|')})/`, reachable: true },
    },
  );
}

function strangerRule(pair: { from: string; to: readonly string[] }): IForbiddenRuleType {
  const wing = pair.from.split('/')[0] ?? '';
  const to = pair.to.includes('*')
    ? { path: `${src}${wing}/`, pathNot: `${src}${pair.from}/` }
    : { path: `${src}(${pair.to.join('|')})/` };
  const whom = pair.to.includes('*') ? `none of ${wing}'s other rooms` : `none of ${pair.to.join(', ')}`;
  return rule(`stranger-${pair.from}`, `${pair.from} knows ${whom}`, {
    from: { path: `${src}${pair.from}/`, pathNot: test },
    to,
  });
}

function pureRule(wing: string): IForbiddenRuleType {
  return rule(`pure-${wing}`, `${wing} is pure: it has whatever touches the world handed in`, {
    from: { path: `${src}${wing}/`, pathNot: test },
    to: { dependencyTypes: ['core'] },
  });
}

function doorRules(): IForbiddenRuleType[] {
  return [
    rule('door', "a room is entered through its index.ts, which says what is everybody's", {
      from: { path: roomOfSource },
      to: { path: src, pathNot: [`${src}$1/`, door] },
    }),
    // A wing without rooms has no doors.
    rule('door-from-outside', 'tests, benchmarks and tools enter a room through its index.ts too', {
      from: { pathNot: src },
      to: { path: src, pathNot: [door, `${src}(${roomless.join('|')})/`] },
    }),
    rule('room', 'a source file stands in a room: wing/room/file.ts', {
      from: { path: [String.raw`${src}[^/]+\.ts$`, String.raw`${src}(?!${roomless.join('|')})[^/]+/[^/]+\.ts$`] },
      to: {},
    }),
  ];
}

function hygieneRules(): IForbiddenRuleType[] {
  return [
    rule('cycle', 'no cycles: nothing can be understood before the rest of its cycle', {
      from: {},
      to: { circular: true },
    }),
    rule('unresolvable', 'an import that leads nowhere would pass every other rule', {
      from: {},
      to: { couldNotResolve: true },
    }),
    rule('test-imported', 'a test is nobody’s library', { from: {}, to: { path: test } }),
    rule('not-published', 'the package imports only what it says that it needs', {
      from: { path: src, pathNot: test },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    }),
  ];
}
