/** acme is suspended with an answer under way, and resumed. */
import type { Scenario } from './scenario.ts';

interface AtGateways {
  readonly enforced: number;
  readonly of: number;
  readonly closed: { readonly connections: number };
}

export async function suspended({ programs, report, acme }: Scenario, token: string): Promise<void> {
  const stream = acme.stream('/payments/events', token);
  await stream.line('data: ');
  const said = await programs.administer('partner', 'suspend', 'acme', '--reason', 'INC-4711');
  const { enforced, of, closed } = said['gateways'] as AtGateways;
  const status = await stream.end();
  const ended = status === 0 ? 'as if it were whole' : 'broken off';
  report.expect({ tried: 'acme is suspended while being answered', came: ended }, 'broken off');
  // The feed of revocations and the registry both say it, and whichever comes first closes.
  const connections = Number(said['closed']) + closed.connections;
  report.expect(
    {
      tried: 'what the suspension says',
      came: `${enforced} of ${of}, ${connections} closed`,
    },
    /^1 of 1, [12] closed$/,
  );
  const held = await acme.call('/payments/1', token);
  report.expect({ tried: 'acme calls while suspended', ...held }, '403 CS-PEER-020');
  await programs.administer('partner', 'resume', 'acme');
  const resumed = await acme.callUntilAllowed('/payments/1', token);
  report.expect({ tried: 'acme is resumed, and calls', ...resumed }, '200');
}
