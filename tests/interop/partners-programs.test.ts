/** Partners call the bank's gateway with the programs that they have: who is let in, who is not, and what each of them reads of it. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { python } from '../conformance/client/judges.ts';
import { type Ask, askBy, askByCurl, asksOf, host, type Told, type Version } from './partners/asked.ts';
import { type Bank, callers, openBank } from './partners/bank.ts';
import { environment, missing, run } from './peers.ts';

let bank: Bank;
before(async () => {
  bank = await openBank();
});
after(() => bank.close());

test('dump', async () => {
  const folder = join(import.meta.dirname, 'partners');
  const show = (title: string, told: ReadonlyMap<Ask, Told>): void => {
    for (const [ask, one] of told) console.log(title, ask.version, ask.name, '=>', one.status, one.version, one.text);
  };
  for (const version of ['1.1', '2'] as const) show('curl', await askByCurl(bank, asksOf(version)));
  for (const lib of ['urllib', 'requests']) show(lib, await askBy(python, [join(folder, 'partner.py'), lib], bank, asksOf('1.1')));
  const program = bank.folder.in('partner-go');
  execFileSync('go', ['build', '-o', program, join(folder, 'go/main.go')], { env: environment() });
  for (const version of ['1.1', '2'] as const) show('go', await askBy(program, [], bank, asksOf(version)));
  console.log(bank.events.map((e) => JSON.stringify(e)).join('\n'));
});
