/** The demonstration's story, scene by scene. */
import { type Clock, sleep } from '../../ground/clock/index.ts';
import { encodePem } from '../../ground/encoding/index.ts';
import { anyOf, spiffeId } from '../../identity/authorization/index.ts';
import { enroll, type HeldCredential, toCredential } from '../../traffic/enrollment/index.ts';
import { generatePrivateKey } from '../../runtime/cryptography/index.ts';
import type { DemoAuthority } from './demo-authority.ts';
import { openLiveConnection } from './live-connection.ts';
import { otherAuthorityCredential } from './other-authority.ts';
import { Service } from './service.ts';
import type { Revocation, Stage, Totals } from './stage.ts';
import type { StrangerName } from './stranger-names.ts';
import { letStrangersKnock, type Refused, type Strangers } from './strangers.ts';

/** Renewed at about half of it: three rotations take some 17 seconds. */
const serviceLifeSeconds = 12;
/** The shortest that the service profile gives: it has expired by the time the strangers come. */
const expiredLifeSeconds = 5;
const strangerLifeSeconds = 300;

const rotationsShown = 3;
/** Twice what three rotations can take. */
const patienceMs = 40_000;
const tickMs = 100;
/** How long the live connection is used before the revocation. */
const liveMs = 600;
/** A revoked peer that is still connected after this is the demonstration's failure. */
const closingPatienceMs = 5000;

export interface Outcome extends Totals {
  readonly refused: readonly { readonly stranger: StrangerName; readonly code: string }[];
  readonly revocation: Revocation;
}

export interface Play {
  readonly authority: DemoAuthority;
  readonly stage: Stage;
  readonly clock: Clock;
  /** Run in reverse at the end, whatever happened. */
  readonly closers: (() => Promise<void>)[];
}

export async function play(parts: Play): Promise<Outcome> {
  const { authority, stage, closers } = parts;
  stage.authority(authority.facts);
  const services = await startServices(parts);
  closers.push(...services.map((service) => () => service.close()));
  const [orders, web] = services;
  const cast = await castStrangers(parts);
  stage.services(
    services.map(({ name, spiffeId: id, port }) => ({ name, spiffeId: id, port })),
    serviceLifeSeconds,
  );
  orders.startCalling(web, spiffeId(web.spiffeId));
  web.startCalling(orders, spiffeId(orders.spiffeId));
  await throughRotations(services, parts);
  const roots = cast.live.roots.map(({ raw }) => encodePem('CERTIFICATE', raw)).join('');
  await untilExpired(cast.expired, parts.clock);
  stage.strangersCome(orders.name);
  const refused = await letStrangersKnock(orders, cast.strangers, roots, (one) => stage.refused(one));
  const revocation = await revokeLive(cast.live, orders, roots, parts);
  await Promise.all(services.map((service) => service.stopCalling()));
  return { ...totalsOf(services), refused: refused.map(codeOf), revocation };
}

async function startServices({ authority, stage, clock }: Play): Promise<readonly [Service, Service]> {
  const counts = new Map<string, number>();
  let services: readonly Service[] = [];
  const start = async (name: string, allowed: readonly string[]): Promise<Service> => {
    const token = await authority.token(name, serviceLifeSeconds);
    const [first, ...others] = allowed.map((caller) => spiffeId(authority.idOf(caller)));
    if (first === undefined) throw new TypeError('a service of the demonstration has callers');
    const onRotation = (_: string, serial: string): void => {
      counts.set(name, (counts.get(name) ?? 0) + 1);
      stage.rotated(name, serial, counts.get(name) ?? 0, totalsOf(services));
    };
    return Service.start({ name, token, allowed: anyOf(first, ...others), clock, onRotation });
  };
  const pair = await Promise.all([start('orders', ['web', 'batch', 'revoked', 'expired']), start('web', ['orders'])]);
  services = pair;
  return pair;
}

interface Cast {
  readonly strangers: Strangers;
  readonly expired: HeldCredential;
  /** Who has a connection open when it is revoked. */
  readonly live: HeldCredential;
}

async function castStrangers({ authority, clock }: Play): Promise<Cast> {
  const get = async (name: string, lifeSeconds: number): Promise<HeldCredential> =>
    enroll({ token: await authority.token(name, lifeSeconds), privateKey: generatePrivateKey('P-256'), clock });
  const [expired, revoked, wrongName, live] = await Promise.all([
    get('expired', expiredLifeSeconds),
    get('revoked', strangerLifeSeconds),
    get('intruder', strangerLifeSeconds),
    get('batch', strangerLifeSeconds),
  ]);
  await authority.revoke(revoked.leaf.serialNumber);
  const strangers = {
    'no-certificate': undefined,
    'other-authority': await otherAuthorityCredential(authority.facts.trustDomain, 'web', clock),
    expired: toCredential(expired),
    revoked: toCredential(revoked),
    'wrong-name': toCredential(wrongName),
  };
  return { strangers, expired, live };
}

async function throughRotations(services: readonly Service[], { stage, clock }: Play): Promise<void> {
  const until = clock.monotonic() + patienceMs;
  while (services.some(({ rotations }) => rotations < rotationsShown)) {
    if (clock.monotonic() > until)
      throw new Error(`${rotationsShown} rotations did not come within ${patienceMs / 1000} s`);
    stage.counting(totalsOf(services));
    await sleep(clock, tickMs);
  }
}

/** notAfter includes its last second (RFC 5280, 4.1.2.5). */
async function untilExpired({ leaf }: HeldCredential, clock: Clock): Promise<void> {
  await sleep(clock, Math.max(0, leaf.notAfter + 1000 - clock.now()));
}

async function revokeLive(
  live: HeldCredential,
  service: Service,
  roots: string,
  { authority, stage, clock }: Play,
): Promise<Revocation> {
  const connection = await openLiveConnection({ port: service.port, credential: toCredential(live), roots, clock });
  try {
    await sleep(clock, liveMs);
    stage.revocationBegins('batch', connection.answers);
    const revokedAt = clock.monotonic();
    const [{ closed }, closedAt] = await Promise.all([
      authority.revoke(live.leaf.serialNumber),
      Promise.race([connection.closedAt, sleep(clock, closingPatienceMs).then(() => undefined)]),
    ]);
    if (closedAt === undefined) throw new Error('the revocation closed no connection');
    const revocation = { closed, ms: Math.round(closedAt - revokedAt) };
    stage.revoked('batch', revocation);
    return revocation;
  } finally {
    connection.end();
  }
}

function totalsOf(services: readonly Service[]): Totals {
  const sum = (of: (service: Service) => number): number => services.reduce((total, service) => total + of(service), 0);
  return {
    requests: sum(({ tally }) => tally.requests),
    lost: sum(({ tally }) => tally.lost),
    rotations: sum(({ rotations }) => rotations),
  };
}

function codeOf({ stranger, refusal }: Refused): { stranger: StrangerName; code: string } {
  return { stranger, code: refusal.code };
}
