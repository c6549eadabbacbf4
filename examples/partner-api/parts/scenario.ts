/** Everything that the scenes share: the bank, its two partners, and the report. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BankHouse, type RunningBank } from './bank.ts';
import { Beta } from './beta.ts';
import { Caller } from './caller.ts';
import type { Programs } from './programs.ts';
import type { Report } from './report.ts';

export interface Scenario {
  readonly programs: Programs;
  readonly report: Report;
  readonly bank: RunningBank;
  readonly betaHouse: Beta;
  readonly acme: Caller;
  readonly beta: Caller;
  /** Somebody with the same name, another certificate: as after a renewal. */
  readonly caller: (who: 'acme' | 'beta' | 'stranger', certificate: string, key: string) => Caller;
}

const clientIds = { acme: 'spiffe://bank.test/partner/acme', beta: 'beta-app', stranger: '' };

/** Until the gateway serves and acme has its certificate. */
export async function begin(programs: Programs, report: Report): Promise<Scenario> {
  const [house, betaHouse] = [new BankHouse(programs), new Beta(programs)];
  const [betaKey, payments, unboundToken] = await Promise.all([
    betaHouse.begin(),
    house.startPayments(),
    house.startLegacy(),
  ]);
  const [{ url, tokens, authority }] = await Promise.all([
    house.startAuthority(betaKey),
    // Of 90 days, and five are left.
    betaHouse.certify('cert.pem', -85, 5),
  ]);
  const names = ['spiffe://bank.test/gateway', 'api.bank.test'];
  const [, invited] = await Promise.all([
    programs.administer('issue', ...names, '--out', 'gateway'),
    programs.administer(
      'partner',
      'invite',
      'acme',
      '--routes',
      'payments',
      '--limit',
      '500/s',
      '--code-out',
      'acme.code',
    ),
  ]);
  const configuration = await house.writeGateway({ url, tokens, payments });
  const [{ gateway, port, check }, { result: joined }] = await Promise.all([
    house.startGateway(),
    programs.countersign('join', String(invited['link']), '--code-file', 'acme.code', '--out', 'acme'),
  ]);
  const isNamed = joined['spiffeId'] === clientIds.acme;
  report.expect({ tried: 'acme joins, with a link and a code', came: isNamed ? 'joined' : 'refused' }, 'joined');
  const at = { gateway: port, check, tokens };
  const caller: Scenario['caller'] = (name, certificate, key) =>
    new Caller(programs, at, { name, clientId: clientIds[name], certificate, key });
  const bank = { at, authority, gateway, configuration, unboundToken };
  return {
    ...{ programs, report, bank, betaHouse, caller },
    acme: caller('acme', 'acme/cert.pem', 'acme/key.pem'),
    beta: caller('beta', 'beta/cert.pem', 'beta/key.pem'),
  };
}

export function fileOf({ programs }: Scenario, name: string): Promise<string> {
  return readFile(join(programs.folder, name), 'utf8');
}

export function writeTo({ programs }: Scenario, name: string, text: string): Promise<void> {
  return writeFile(join(programs.folder, name), text);
}
