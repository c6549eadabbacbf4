/** A gateway from a file of configuration, as the command starts it, in the process of the test; and what it told. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Clock, systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import type { Credential } from '../../packages/countersign/src/runtime/tls/index.ts';
import type { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import type { GatewayOptions, LoadedConfiguration } from '../../packages/countersign/src/traffic/gateway/index.ts';
import { configurationAt } from '../fixtures/gateway/configurations.ts';
import { openGateway, type OpenGateway } from '../fixtures/gateway/open-gateway.ts';
import { pemOfAll } from '../fixtures/presented.ts';

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

export async function startGateway(t: TestContext, wanted: WantedGateway): Promise<OpenGateway> {
  const { clock = systemClock, more } = wanted;
  return openGateway(t, await configurationOf(t, wanted), { clock, ...more });
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
  return configurationAt(path);
}
