/** How often each target of an upstream was left out, and came back: told as it happens, and counted over all configurations that have it. */
import type { HealthChange } from '../upstream/index.ts';
import type { UpstreamSettings } from './configuration/gateway-file.ts';

export class TargetChanges {
  readonly #onHealth: (change: HealthChange) => void;
  #counts = new Map<string, { left: number; back: number }>();

  constructor(onHealth: (change: HealthChange) => void) {
    this.#onHealth = onHealth;
  }

  add(change: HealthChange): void {
    const key = keyOf(change.upstream, change.target);
    const count = this.#counts.get(key) ?? { left: 0, back: 0 };
    this.#counts.set(key, count);
    if (change.isWell) count.back += 1;
    else count.left += 1;
    this.#onHealth(change);
  }

  of(upstream: string, target: string): { readonly left: number; readonly back: number } {
    return this.#counts.get(keyOf(upstream, target)) ?? { left: 0, back: 0 };
  }

  /** Of targets that no upstream has any more nothing is kept. */
  keepOnly(upstreams: Readonly<Record<string, UpstreamSettings>>): void {
    const named = Object.entries(upstreams);
    const kept = new Set(named.flatMap(([name, { targets }]) => targets.map((target) => keyOf(name, target))));
    this.#counts = new Map([...this.#counts].filter(([key]) => kept.has(key)));
  }
}

function keyOf(upstream: string, target: string): string {
  return `${upstream} ${target}`;
}
