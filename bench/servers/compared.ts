/** The scenario of full handshakes with one group: Countersign beside bare Node and whatever else is installed. */
import { allowAnyPeer } from 'countersign/authorization';
import { systemClock } from 'countersign/clock';
import { generateLoad, type LoadPlan } from 'countersign/load';
import { withoutRevocation } from 'countersign/revocation';
import { type Credential, fixedSource, Trust } from 'countersign/tls';
import type { Scenario, Subject } from '../frame/scenario.ts';
import { type TwoSides, twoSides } from '../frame/two-sides.ts';
import { bare } from './bare.ts';
import { countersign } from './countersign.ts';
import { envoy } from './envoy.ts';
import { ghostunnel } from './ghostunnel.ts';
import { haproxy } from './haproxy.ts';
import { nginx } from './nginx.ts';
import {
  type Group,
  host,
  pinGenerator,
  type RunningServer,
  startTlsServer,
  type TlsServerProduct,
} from './tls-server.ts';

/** Wall time of a round: /proc counts hundredths of a second, which are then a hundredth of what is measured at the most. */
export const roundMs = 2000;

/** About a second of the server's CPU time, however busy the machine is. */
export const leastOperations = 16;

const others = [nginx, haproxy, envoy, ghostunnel];

/** Handshakes of one operation, and how many of them at the same time. */
const handshakes = 48;
const connections = 8;

const unknown = ', unknown peers';

export function comparedHandshakes(group: Group): Required<Pick<Scenario, 'subjects' | 'absent' | 'goals' | 'notes'>> {
  const present = others.filter((product) => product.absent(group) === undefined);
  return {
    subjects: [
      ...[countersign, bare].flatMap((product) => [handshaking(product, group), handshaking(product, group, unknown)]),
      ...present.map((product) => handshaking(product, group)),
    ],
    absent: others.flatMap((product) => {
      const absent = product.absent(group);
      return absent === undefined ? [] : [{ name: product.name, absent }];
    }),
    goals: ['', unknown].map((peers) => ({
      goal: `of bare node:tls${peers}`,
      bound: 'at most',
      limit: 1.1,
      value: (cost) => cost(`countersign${peers}`) / cost(`node:tls${peers}`),
    })),
    notes: [
      `mutual TLS 1.3, ${group}, P-256, never resumed, with one answered request; CPU time of the server's process alone`,
      'unknown peers: each handshake with a certificate that was never shown before',
    ],
  };
}

function handshaking(product: TlsServerProduct, group: Group, peers: '' | typeof unknown = ''): Subject {
  return {
    name: `${product.name}${peers}`,
    start: async () => {
      const sides = await twoSides();
      const server = await startTlsServer(product, sides, group);
      pinGenerator();
      const fresh: Credential[] = [];
      const next = peers === '' ? () => sides.client : () => takeFrom(fresh);
      const plan = planOf(sides, server, group, next);
      return {
        acts: handshakes,
        prepare: async (operations) => {
          while (peers !== '' && fresh.length < operations * handshakes) fresh.push(await sides.anotherClient());
        },
        operation: async () => {
          const { failed, failures } = await generateLoad(plan, { clock: systemClock });
          if (failed > 0) throw new Error(`${product.name}: ${JSON.stringify(failures)}`);
        },
        cpuUs: () => server.cpuUs(),
        close: () => server.stop(),
      };
    },
  };
}

function takeFrom(fresh: Credential[]): Credential {
  const credential = fresh.pop();
  if (credential === undefined) throw new TypeError('more handshakes than were prepared');
  return credential;
}

function planOf({ bundles }: TwoSides, { port }: RunningServer, groups: Group, next: () => Credential): LoadPlan {
  const trust = new Trust({
    bundles: fixedSource(bundles),
    revocations: fixedSource(withoutRevocation),
    clock: systemClock,
  });
  const credentials = { current: next, watch: () => () => undefined };
  return {
    target: { tls: { policy: allowAnyPeer(), trust, credentials }, host, port, servername: 'orders.internal' },
    workload: { handshakes: { path: '/' } },
    connections,
    pace: { closed: true },
    operations: handshakes,
    groups,
  };
}
