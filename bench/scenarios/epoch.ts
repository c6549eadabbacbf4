/**
 * Changes of trust under ten thousand live connections with an upload on each: one revoked, all looked at again, all revoked. Beside it bare node:https with as
 * many, all destroyed. Minutes long. `COUNTERSIGN_LIVE` is another number of them.
 */
import { createServer as createHttpsServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { allowAnyPeer } from 'countersign/authorization';
import { kernelMonotonicUs, systemClock } from 'countersign/clock';
import { generatePrivateKey } from 'countersign/cryptography';
import { encodePem } from 'countersign/encoding';
import { revocationKey, type RevocationView, type RevokedEntry, withoutRevocation } from 'countersign/revocation';
import type { BundleSet } from 'countersign/spiffe';
import { TestAuthority } from 'countersign/testing';
import {
  createServer,
  type Credential,
  fixedSource,
  type MutualTlsServer,
  MutableSource,
  Trust,
} from 'countersign/tls';
import { median } from '../frame/median.ts';
import type { Fact, Goal, Scenario } from '../frame/scenario.ts';
import { Clients, pemOf } from '../live/clients.ts';
import { costOf } from '../live/tasks.ts';

export const scenario = 'epoch';
export const slow = true;
export const subjects: Scenario['subjects'] = [];

const count = Number(process.env['COUNTERSIGN_LIVE'] ?? 10_000);

/** The replicas of the one service that has all the connections. */
const certificates = Math.min(1_000, Math.ceil(count / 10));

/** In turns, as the machine is never the same for long. */
const rounds = 5;
const askingMs = 2_000;
const changeEveryMs = 500;

const one = 'one revoked: until its client sees the end';
const restP99 = "others' p99, at rest";
const changingP99 = "others' p99, all looked at again every half second";
const longestLook = 'all looked at again: longest task (CPU)';
const handedOn = 'all revoked: handed on after the change returned';
const longest = 'all revoked: longest task, what it sets off included (CPU)';
const longestTurn = 'all revoked: longest turn of the loop, reading what comes in included (CPU)';
const ours = 'all revoked: until the last is closed (CPU)';
const bare = 'all destroyed by bare node:https (CPU)';
const bareLongest = 'all destroyed by bare node:https: the one task of it (CPU)';

export const facts: NonNullable<Scenario['facts']> = {
  names: [restP99, changingP99, longestLook, one, handedOn, longest, longestTurn, ours, bare, bareLongest],
  find: async () => [...(await ofCountersign()), ...(await ofNode())],
};

export const goals: readonly Goal[] = [
  { goal: 'ms until one is closed', bound: 'at most', limit: 50, value: (fact) => fact(one) },
  { goal: 'octets handed on of who is revoked', bound: 'at most', limit: 0, value: (fact) => fact(handedOn) },
  { goal: 'times the CPU of bare destroy()', bound: 'at most', limit: 1.3, value: (fact) => fact(ours) / fact(bare) },
  {
    goal: 'ms of the longest task',
    bound: 'at most',
    limit: 10,
    value: (fact) => Math.max(fact(longest), fact(longestLook)),
  },
  {
    goal: "times the others' p99 at rest",
    bound: 'at most',
    limit: 2,
    value: (fact) => fact(changingP99) / fact(restP99),
  },
];

export const notes: readonly string[] = [
  `${String(count)} connections of one identity with ${String(certificates)} certificates, and 5 of others`,
  'the p99 is of 4 clients that ask one after the other, while the others say nothing',
];

const authority = new TestAuthority();
const key = generatePrivateKey('P-256');
const replicas = (): Credential[] => Array.from({ length: certificates }, () => authority.issue('web', { key }));

async function ofCountersign(): Promise<Fact[]> {
  const bundles = new MutableSource<BundleSet>(authority.bundles());
  const revocations = new MutableSource<RevocationView>(withoutRevocation);
  const trust = new Trust({ bundles, revocations, clock: systemClock });
  const uploads = { octets: 0 };
  const server = createServer(
    allowAnyPeer(),
    // With a listener of its own, so that ten thousand ends are not told to the default log.
    { trust, credentials: fixedSource(authority.issue('orders')), clock: systemClock, onClosed: () => undefined },
    handler(uploads),
  );
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  const [many, victim, others] = [new Clients(), new Clients(), new Clients()];
  try {
    const web = replicas();
    const gone = authority.issue('victim');
    await many.open({ ...to(port, web), count, upload: true });
    await victim.open({ ...to(port, [gone]), count: 1, upload: true });
    await others.open({ ...to(port, [authority.issue('cron')]), count: 4, upload: false });
    await others.p99(askingMs);
    const change = (): void => bundles.set(bundles.current().with(authority.bundle(trust.epoch)));
    const found = await othersMeanwhile(others, change);
    await trust.settled();
    const { longestMs } = await costOf(change, () => trust.pending === 0);
    found.push({ name: longestLook, unit: 'ms', value: longestMs });
    await many.upload();
    await until(() => uploads.octets >= count * 16);
    found.push({ name: one, unit: 'ms', value: await revokedAfterMs(revocations, gone, victim) });
    return [...found, ...(await allRevoked(revocations, web, { uploads, server }))];
  } finally {
    for (const clients of [many, victim, others]) clients.close();
    await server.close({ graceMs: 0 });
    trust.close();
  }
}

async function othersMeanwhile(others: Clients, change: () => void): Promise<Fact[]> {
  const [atRest, changing]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    atRest.push(await others.p99(askingMs));
    const timer = setInterval(change, changeEveryMs);
    changing.push(await others.p99(askingMs));
    clearInterval(timer);
  }
  return [
    { name: restP99, unit: 'ms', value: median(atRest) },
    { name: changingP99, unit: 'ms', value: median(changing) },
  ];
}

async function revokedAfterMs(
  revocations: MutableSource<RevocationView>,
  credential: Credential,
  { closedAtUs }: Clients,
): Promise<number> {
  const before = Number(kernelMonotonicUs());
  revocations.set(revoking([credential], revocations.current()));
  await until(() => closedAtUs.length > 0);
  return ((closedAtUs[0] ?? Number.NaN) - before) / 1000;
}

async function allRevoked(
  revocations: MutableSource<RevocationView>,
  web: readonly Credential[],
  { uploads, server }: { readonly uploads: { octets: number }; readonly server: MutualTlsServer },
): Promise<Fact[]> {
  const view = revoking(web, revocations.current());
  let octetsThen = 0;
  const { cpuMs, longestMs, longestTurnMs } = await costOf(
    () => {
      revocations.set(view);
      octetsThen = uploads.octets;
    },
    // The four others stay.
    () => server.connections <= 4,
  );
  return [
    { name: handedOn, unit: 'bytes', value: uploads.octets - octetsThen },
    { name: longest, unit: 'ms', value: longestMs },
    { name: longestTurn, unit: 'ms', value: longestTurnMs },
    { name: ours, unit: 'ms', value: cpuMs },
  ];
}

async function ofNode(): Promise<Fact[]> {
  const uploads = { octets: 0 };
  const { ca } = to(0, []);
  const options = { ...pemOf(authority.issue('orders')), ca, requestCert: true, rejectUnauthorized: true };
  const server = createHttpsServer({ ...options, minVersion: 'TLSv1.3' }, handler(uploads));
  const sockets = new Set<Socket>();
  server.on('secureConnection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const clients = new Clients();
  try {
    await clients.open({ ...to((server.address() as AddressInfo).port, replicas()), count, upload: true });
    await clients.upload();
    await until(() => uploads.octets >= count * 16);
    const destroyAll = (): void => {
      for (const socket of sockets) socket.destroy();
    };
    const { cpuMs, longestMs } = await costOf(destroyAll, () => sockets.size === 0);
    return [
      { name: bare, unit: 'ms', value: cpuMs },
      { name: bareLongest, unit: 'ms', value: longestMs },
    ];
  } finally {
    clients.close();
    server.close();
  }
}

function to(port: number, credentials: readonly Credential[]) {
  return { port, ca: encodePem('CERTIFICATE', authority.root.raw), credentials: credentials.map(pemOf) };
}

function handler(uploads: { octets: number }): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    if (request.method === 'GET') response.end('ok');
    else request.on('data', (bytes: Buffer) => (uploads.octets += bytes.length)).on('error', () => undefined);
  };
}

function revoking(credentials: readonly Credential[], before: RevocationView): RevocationView {
  const entries = new Map<string, RevokedEntry>();
  for (const credential of credentials) {
    const entry = authority.revoked(credential);
    entries.set(revocationKey(entry.issuerKey, entry.serialNumber), entry);
  }
  return {
    number: before.number + 1,
    freshUntil: Number.POSITIVE_INFINITY,
    isRevoked: (issuerKey, serial) =>
      entries.get(revocationKey(issuerKey, serial)) ?? before.isRevoked(issuerKey, serial),
    addedSince: () => [...entries.values()],
  };
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}
