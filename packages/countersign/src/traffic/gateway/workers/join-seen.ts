/** What the workers say under one path, as one answer. */
import type { EvidenceStatus } from '../evidence/evidence-writer.ts';
import type { RegistryStatus } from '../registry/registry.ts';
import type { Gateway } from '../gateway.ts';
import type { Seen } from '../operating/admin-view.ts';
import { joinTargets } from './join-targets.ts';

export interface OfWorker extends Seen {
  readonly worker: number;
}

export interface PrimaryFacts {
  readonly workers: number;
  readonly generation: number;
  readonly draining: boolean;
  /** Which one of them, the primary, writes for all. */
  readonly evidence?: EvidenceStatus | undefined;
  /** Which the primary follows for all. */
  readonly registry: RegistryStatus | undefined;
  /** Why none of them serves. */
  readonly halted?: string | undefined;
}

export function joinSeen(path: string, answers: readonly OfWorker[], facts: PrimaryFacts): Seen | undefined {
  if (path === '/readyz') return readiness(answers, facts);
  const [first] = answers;
  if (first === undefined) return undefined;
  const status = Math.max(...answers.map((one) => one.status));
  if (path === '/last-calls') return { status, value: lastOf(answers.map(({ value }) => value)) };
  // They are given the same.
  if (path === '/identity-keys') return first;
  const workers = answers.map(({ worker, value }) => ({ worker, value }));
  const targets = joinTargets(answers.map(({ worker, value }) => ({ worker, ...(value as Pick<Gateway, 'targets'>) })));
  return { status, value: { workers, targets, registry: facts.registry, evidence: facts.evidence } };
}

/** Ready while one serves: the port is one, and the others' connections go to it. */
function readiness(answers: readonly OfWorker[], { workers, generation, draining, halted }: PrimaryFacts): Seen {
  const serving = answers.filter(({ status }) => status === 200);
  const ready = !draining && serving.length > 0;
  const sumOf = (name: string): number =>
    answers.reduce((total, { value }) => total + Number((value as Readonly<Record<string, unknown>>)[name] ?? 0), 0);
  const [connections, underWay] = [sumOf('connections'), sumOf('underWay')];
  const value = { ready, halted, generation, connections, underWay, workers, serving: serving.length };
  return { status: ready ? 200 : 503, value };
}

interface Call {
  readonly partner: string;
  readonly route: string;
  readonly atMs: number;
}

function lastOf(lists: readonly unknown[]): readonly Call[] {
  const last = new Map<string, Call>();
  for (const call of lists.flat() as readonly Call[]) {
    const key = `${call.partner} ${call.route}`;
    if ((last.get(key)?.atMs ?? 0) < call.atMs) last.set(key, call);
  }
  return [...last.values()];
}
