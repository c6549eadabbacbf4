/** What the demonstration shows, for people and as JSON: each line says one thing that has just happened. */
import type { Clock } from '../../ground/clock/index.ts';
import type { Output } from '../output/output.ts';
import type { Refused } from './strangers.ts';

export interface Totals {
  readonly requests: number;
  readonly lost: number;
  readonly rotations: number;
}

export interface Revocation {
  readonly closed: number;
  readonly ms: number;
}

const ordinals = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth', 'ninth'];

export class Stage {
  readonly #output: Output;
  readonly #clock: Clock;
  readonly #startedAt: number;

  constructor(output: Output, clock: Clock) {
    this.#output = output;
    this.#clock = clock;
    this.#startedAt = clock.monotonic();
  }

  opening(): void {
    const { paint } = this.#output;
    this.#output.say(` ${paint.strong('countersign demo')}  two services authenticate each other; about 20 seconds`);
  }

  authority(authority: { trustDomain: string; root: string; url: string }): void {
    const { paint } = this.#output;
    this.#output.event('authority', authority);
    this.#output.say('');
    this.#output.say(` ${paint.strong('an authority')}, private, made a moment ago`);
    this.#output.say(`   ${authority.trustDomain}   root ${authority.root.slice(0, 16)}...`);
  }

  services(services: readonly { name: string; spiffeId: string; port: number }[], lifeSeconds: number): void {
    const { paint } = this.#output;
    for (const service of services) this.#output.event('service', { ...service, lifeSeconds });
    this.#output.say('');
    this.#output.say(` ${paint.strong('two services')}, each with a certificate for ${lifeSeconds} seconds`);
    for (const { name, spiffeId, port } of services) {
      this.#output.say(`   ${name.padEnd(7)} ${spiffeId.padEnd(32)} https://127.0.0.1:${port}`);
    }
    this.#output.say('');
    this.#output.say(` ${paint.strong('requests both ways')} over mutual TLS, while both certificates rotate`);
  }

  rotated(service: string, serial: string, rotation: number, totals: Totals): void {
    this.#output.event('rotated', { service, serial, rotation, requests: totals.requests, lost: totals.lost });
    const ordinal = ordinals[rotation - 1] ?? `${rotation}th`;
    const words = `${service.padEnd(7)} ${`${ordinal} rotation`.padEnd(16)} serial ${serial.slice(0, 8)}...`;
    this.#output.say(`   ${this.#elapsed()}  ${words}  ${this.#counted(totals)}`);
  }

  counting(totals: Totals): void {
    this.#output.progress(`  ${this.#elapsed()}  ${this.#counted(totals)}`);
  }

  strangersCome(service: string): void {
    this.#output.say('');
    this.#output.say(
      ` ${this.#output.paint.strong('five strangers')} knock at ${service}, which says why it refuses each`,
    );
  }

  refused({ stranger, refusal, status }: Refused): void {
    const { paint } = this.#output;
    this.#output.event('stranger', { stranger, code: refusal.code, title: refusal.title, status });
    this.#output.say(`   ${stranger.padEnd(16)} ${paint.bad(refusal.code)}  ${refusal.title}`);
  }

  revocationBegins(name: string, answers: number): void {
    this.#output.say('');
    this.#output.say(
      ` ${this.#output.paint.strong('a revocation')}, while ${name} has a connection open (${answers} answers so far)`,
    );
  }

  revoked(name: string, { closed, ms }: Revocation): void {
    const { paint } = this.#output;
    this.#output.event('revoked', { name, closed, ms });
    const connections = closed === 1 ? 'connection' : 'connections';
    this.#output.say(
      `   ${name.padEnd(7)} revoked: ${closed} live ${connections} ${paint.good(`closed after ${ms} ms`)}`,
    );
  }

  closing(totals: Totals, next: string): void {
    const { paint } = this.#output;
    const lost = totals.lost === 0 ? paint.good('none lost') : paint.bad(`${totals.lost} lost`);
    this.#output.say('');
    this.#output.say(
      ` ${paint.strong(`${totals.requests} requests`)}, ${lost}; ${totals.rotations} rotations; no files left behind`,
    );
    this.#output.say('');
    this.#output.say(` next, an authority of your own:   ${next}`);
  }

  #elapsed(): string {
    return `${((this.#clock.monotonic() - this.#startedAt) / 1000).toFixed(1).padStart(4)} s`;
  }

  #counted({ requests, lost }: Totals): string {
    const { paint } = this.#output;
    return `${requests} requests, ${lost === 0 ? '0 lost' : paint.bad(`${lost} lost`)}`;
  }
}
