/** A gateway from a file of configuration, as the command starts it, in the process of the test; and what it told. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Clock, systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { encodePem } from '../../packages/countersign/src/ground/encoding/index.ts';
import type { Refusal } from '../../packages/countersign/src/ground/errors/index.ts';
import type { Credential } from '../../packages/countersign/src/runtime/tls/index.ts';
import type { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import {
  type AccessRecord,
  Gateway,
  type GatewayOptions,
  loadConfiguration,
  type LoadedConfiguration,
} from '../../packages/countersign/src/traffic/gateway/index.ts';

export interface WantedGateway {
  /** All of the file below `trust`; each authority is a trust domain of it, and its credentials are under their names. */
  readonly rest: string;
  readonly authorities: readonly TestAuthority[];
  readonly credentials: Readonly<Record<string, Credential>>;
  /** Default: it refuses who sends no server name. */
  readonly withoutName?: string;
  readonly clock?: Clock;
  readonly more?: Partial<GatewayOptions>;
}

export interface RunningGateway {
  readonly gateway: Gateway;
  readonly port: number;
  readonly records: readonly AccessRecord[];
  readonly refusals: readonly Refusal[];
  readonly closed: readonly Refusal[];
  /** Resolves with the record of a request once it is over. */
  told(fits: (record: AccessRecord) => boolean): Promise<AccessRecord>;
}

export async function startGateway(t: TestContext, wanted: WantedGateway): Promise<RunningGateway> {
  const [records, refusals, closed]: [AccessRecord[], Refusal[], Refusal[]] = [[], [], []];
  const waiting = new Set<(record: AccessRecord) => void>();
  const gateway = new Gateway(await configurationOf(t, wanted), {
    clock: wanted.clock ?? systemClock,
    onAccess: (record) => {
      records.push(record);
      for (const listener of waiting) listener(record);
    },
    onRefusal: (refusal) => refusals.push(refusal),
    onClosed: (refusal) => closed.push(refusal),
    ...wanted.more,
  });
  const { port } = await gateway.listen();
  t.after(() => gateway.close({ graceMs: 0 }));
  const told: RunningGateway['told'] = (fits) =>
    new Promise((resolve) => {
      const known = records.find(fits);
      if (known !== undefined) resolve(known);
      const listener = (record: AccessRecord): void => {
        if (!fits(record)) return;
        waiting.delete(listener);
        resolve(record);
      };
      if (known === undefined) waiting.add(listener);
    });
  return { gateway, port, records, refusals, closed, told };
}

export async function configurationOf(
  t: TestContext,
  { rest, authorities, credentials, withoutName }: WantedGateway,
): Promise<LoadedConfiguration> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-gateway-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const lines = [
    'version: 1',
    `listen: { port: 0${withoutName === undefined ? '' : `, withoutName: ${withoutName}`} }`,
    'credentials:',
  ];
  for (const [name, { chain, privateKey }] of Object.entries(credentials)) {
    await writeFile(join(folder, `${name}.pem`), pemOfAll(chain));
    await writeFile(join(folder, `${name}.key`), privateKey.toPem(), { mode: 0o600 });
    lines.push(`  ${name}: { certificate: ${name}.pem, key: ${name}.key }`);
  }
  lines.push('trust:');
  for (const [at, authority] of authorities.entries()) {
    const bundles = authority.bundles().all();
    const kinds = [
      ['anchors', bundles.flatMap(({ anchors }) => anchors)],
      ['intermediates', bundles.flatMap(({ intermediates }) => intermediates)],
    ] as const;
    const files: string[] = [];
    for (const [kind, certificates] of kinds) {
      if (certificates.length === 0) continue;
      await writeFile(join(folder, `${kind}-${at}.pem`), pemOfAll(certificates.map(({ raw }) => raw)));
      files.push(`${kind}: [${kind}-${at}.pem]`);
    }
    lines.push(`  ${authority.trustDomain}: { ${files.join(', ')} }`);
  }
  const path = join(folder, 'gateway.yaml');
  await writeFile(path, `${lines.join('\n')}\n${rest}`);
  const loaded = await loadConfiguration(path);
  if ('problems' in loaded) {
    const told = loaded.problems.map(({ message, evidence }) => `${message} ${JSON.stringify(evidence)}`);
    throw new Error(told.join('\n'));
  }
  return loaded;
}

/** What a client of node:tls presents. */
export function pemOf({ chain, privateKey }: Credential): { readonly cert: string; readonly key: string } {
  return { cert: pemOfAll(chain), key: privateKey.toPem() };
}

function pemOfAll(certificates: readonly Uint8Array[]): string {
  return certificates.map((der) => encodePem('CERTIFICATE', der)).join('');
}
