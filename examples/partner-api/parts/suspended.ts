/** acme is suspended with an answer under way, and resumed. */
import type { Scenario } from './scenario.ts';

interface AtGateways {
  readonly enforced: number;
  readonly of: number;
  readonly closed: { readonly connections: number; readonly requests: number };
}

export async function suspended({ programs, report, acme }: Scenario, token: string): Promise<void> {
  const stream = acme.stream('/payments/events', token);
  await stream.line('data: ');
  const { gateways } = await programs.administer('partner', 'suspend', 'acme', '--reason', 'INC-4711');
  const { enforced, of, closed } = gateways as AtGateways;
  const status = await stream.end();
  report.expect(
    { tried: "acme is suspended: its stream's curl ends", came: status === 0 ? 'as if it were whole' : 'broken off' },
    'broken off',
  );
  const came = `at ${enforced} of ${of} gateways, ${closed.requests} request and ${closed.connections} connection ended`;
  report.expect({ tried: 'what the suspension says of it', came }, /^at 1 of 1 gateways, 1 request and [12] connection ended$/);
  report.expect({ tried: 'acme calls while it is suspended', ...(await acme.call('/payments/1', token)) }, /CS-(?:GATEWAY-016|PEER-\d+)$/);
  await programs.administer('partner', 'resume', 'acme');
  report.expect({ tried: 'acme calls when it is resumed', ...(await acme.call('/payments/1', token)) }, '200');
}
