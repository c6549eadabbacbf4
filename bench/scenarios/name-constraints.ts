/**
 * Validating under an issuer that permits n and excludes n subtrees an end-entity with n names. Twice: the certificates decoded before
 * and signatures answered for, so that the constraints alone make the cost; and from DER with real signatures, as others can do it.
 */
import { verifySignature } from 'countersign/cryptography';
import {
  defaultPathLimits,
  parseCertificate,
  type PathLimits,
  validatePath,
  type VerifySignature,
} from 'countersign/x509';
import type { AbsentSubject, CostOf, Goal, Subject } from '../frame/scenario.ts';
import { slope } from '../frame/slope.ts';
import {
  type ConstrainedPath,
  constrainedPath,
  type Kinds,
  mostInOneCertificate,
  unconstrainedPath,
} from '../x509/constrained-names.ts';
import { engineAccepts, pkijs } from '../x509/validators.ts';

export const scenario = 'name-constraints';
export const group = 'x509';

const sizes = [10, 100, 1000, 10_000] as const;

/** What fits into certificates that a parser takes. */
const sizesInDer = sizes.filter((size) => size <= mostInOneCertificate);

const variants: Readonly<Record<string, Kinds>> = { countersign: 'dns', 'countersign, mixed kinds': 'mixed' };
const unconstrained = 'countersign, no constraints';

export const subjects: readonly Subject[] = [
  decodedBefore(unconstrained, undefined, unconstrainedPath),
  ...Object.entries(variants).flatMap(([name, kinds]) =>
    sizes.map((size) => decodedBefore(name, size, () => constrainedPath(size, kinds))),
  ),
  ...sizesInDer.map(fromDer),
  ...sizesInDer.map(pkijsFromDer),
];

export const absent: readonly AbsentSubject[] = [
  { name: 'node:crypto', absent: 'X509Certificate does not look at name constraints' },
  { name: '@peculiar/x509', absent: 'X509ChainBuilder does not look at name constraints' },
  {
    name: 'pkijs, n = 10000',
    absent:
      'not measured: it compares each name with each excluded subtree, and n = 1000 takes most of a second already',
  },
  { name: 'countersign from DER, n = 10000', absent: 'parseCertificate refuses certificates above 100 KiB' },
  { name: 'floor', absent: 'no part of it is a signature' },
];

/** n log n itself, in place of costs: nearly, but not quite, 1.2 on these sizes. */
const referenceSlope = slope(sizes.map((size) => [size, size * Math.log(size)]));

/** For what grows with size beside the work: a cache that the sets no longer fit into. Quadratic is 2, far above. */
const tolerance = 0.05;

export const goals: readonly Goal[] = Object.keys(variants).map((name) => ({
  goal: `${name}: slope of log(cost) over log(n), without what the path costs by itself`,
  bound: 'at most',
  limit: Number((referenceSlope + tolerance).toFixed(3)),
  value: (cost) => slope(sizes.map((size) => [size, costOfConstraints(cost, name, size)])),
}));

export const notes: readonly string[] = [
  `n log n has the slope ${referenceSlope.toFixed(3)} on n = ${sizes.join(', ')}; the goal adds a tolerance of ${tolerance}`,
  `limits raised by name above n = ${defaultPathLimits.namesOfOne}, which is refused by default: namesOfOne to n`,
  `"countersign" and "mixed kinds": decoded before, unmeasured, with n above ${mostInOneCertificate} put together from several certificates; signatures are answered with yes`,
  '"from DER": parsing of end-entity and issuer, validation, and the two signatures, with DNS names',
];

/** Never below a nanosecond: a logarithm is taken of it. */
function costOfConstraints(cost: CostOf, name: string, size: number): number {
  return Math.max(0.001, cost(name, size) - cost(unconstrained));
}

function limitsFor(size: number): Partial<PathLimits> {
  return size > defaultPathLimits.namesOfOne ? { namesOfOne: size } : {};
}

function decodedBefore(name: string, size: number | undefined, make: () => () => ConstrainedPath): Subject {
  return {
    name,
    ...(size === undefined ? {} : { size }),
    start: async () => {
      const read = make();
      const paths: ConstrainedPath[] = [];
      return {
        prepare: (operations) => {
          while (paths.length < operations) paths.push(read());
        },
        operation: async () => {
          const path = paths.pop();
          if (path === undefined) throw new Error('more operations than were prepared');
          validate(path, limitsFor(size ?? 0), () => true);
        },
        close: async () => undefined,
      };
    },
  };
}

function fromDer(size: number): Subject {
  return {
    name: 'countersign from DER',
    size,
    start: async () => {
      const { leaf, issuer, root, at } = constrainedPath(size, 'dns')();
      return {
        operation: async () => {
          const read = { leaf: parseCertificate(leaf.raw), issuer: parseCertificate(issuer.raw), root, at };
          validate(read, {}, verifySignature);
        },
        close: async () => undefined,
      };
    },
  };
}

function pkijsFromDer(size: number): Subject {
  return {
    name: 'pkijs from DER',
    size,
    start: async () => {
      const { leaf, issuer, root, at } = constrainedPath(size, 'dns')();
      const anchor = pkijs(root.raw);
      return {
        operation: async () => {
          await engineAccepts(leaf.raw, pkijs(issuer.raw), anchor, at);
        },
        close: async () => undefined,
      };
    },
  };
}

function validate(
  { leaf, issuer, root, at }: ConstrainedPath,
  limits: Partial<PathLimits>,
  verify: VerifySignature,
): void {
  validatePath({
    leaf,
    intermediates: [issuer],
    anchors: [root],
    at,
    purpose: 'client',
    limits,
    verifySignature: verify,
  });
}
