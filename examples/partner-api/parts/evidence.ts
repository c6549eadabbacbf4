/** What the bank's authority recorded of acme, in a file that is verified where no authority is; and one in which a word was changed. */
import { fileOf, type Scenario, writeTo } from './scenario.ts';

export async function evidence(scenario: Scenario): Promise<void> {
  const { bank, programs, report } = scenario;
  const { about } = await programs.administer('partner', 'evidence', 'acme', '--out', 'acme.jsonl');
  bank.gateway.signal('SIGTERM');
  bank.authority.signal('SIGTERM');
  const ends = await Promise.all([bank.gateway.end(), bank.authority.end()]);
  report.expect(
    { tried: 'gateway and authority are told to end', came: `status ${ends.join(' and ')}` },
    'status 0 and 0',
  );
  const text = await fileOf(scenario, 'acme.jsonl');
  await writeTo(scenario, 'changed.jsonl', text.replace('INC-4711', 'INC-4712'));
  const verify = (file: string): ReturnType<typeof programs.countersign> =>
    programs.countersign('authority', 'audit', 'verify', '--evidence', file);
  const [sound, changed] = await Promise.all([verify('acme.jsonl'), verify('changed.jsonl')]);
  report.expect(
    {
      tried: "acme's evidence, verified offline",
      came: Number(about) >= 8 ? said(sound) : `${String(about)} entries`,
    },
    'sound',
  );
  report.expect({ tried: 'the same with one word changed', came: said(changed) }, 'not sound');
}

function said({ status, result }: { status: number | null; result: Readonly<Record<string, unknown>> }): string {
  return status === 0 && result['sound'] === true ? 'sound' : 'not sound';
}
