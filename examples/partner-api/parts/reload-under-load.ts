/** The gateway takes other configurations, and refuses a wrong one, while beta calls without a pause. */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { fileOf, type Scenario, writeTo } from './scenario.ts';

const connections = 4;

interface Load {
  /** Of each answer, or why there was none. */
  readonly outcomes: ReadonlyMap<string, number>;
  /** So many more answers. */
  answered(more: number): Promise<void>;
  stop(): Promise<void>;
}

export async function reloadUnderLoad(scenario: Scenario, betaToken: string): Promise<void> {
  const { bank, beta, report } = scenario;
  const load = await loadOf(scenario, betaToken);
  await load.answered(50);
  const route =
    '  - { name: health, host: api.bank.test, path: /health/, allow: [beta], upstream: payments }\n\nupstreams:';
  const before = await beta.call('/health/');
  await taken(scenario, bank.configuration.replace('\nupstreams:', route), { event: 'configuration' });
  await load.answered(50);
  const after = await beta.call('/health/');
  await taken(scenario, bank.configuration.replace('upstream: payments', 'upstraem: payments'), { event: 'refused' });
  const kept = await beta.call('/health/');
  await load.answered(50);
  await taken(scenario, bank.configuration, { event: 'configuration' });
  await load.answered(50);
  await load.stop();
  report.expect({ tried: 'a new route, before the reload', ...before }, /^404 CS-GATEWAY-\d+$/);
  report.expect({ tried: 'the new route, after it', ...after }, '200');
  report.expect({ tried: 'the new route, after a mistyped file', ...kept }, '200');
  const total = [...load.outcomes.values()].reduce((sum, count) => sum + count, 0);
  const failed = [...load.outcomes].filter(([outcome]) => outcome !== '200');
  report.expect(
    {
      tried: `${total} requests during three reloads`,
      came: failed.length === 0 ? 'none failed' : failed.map(([outcome, count]) => `${count} of ${outcome}`).join(', '),
    },
    'none failed',
  );
}

/** Put there, told of, and seen in the log. */
async function taken(scenario: Scenario, text: string, expected: { readonly event: string }): Promise<void> {
  const { gateway } = scenario.bank;
  const { count } = gateway;
  await writeTo(scenario, 'gateway.yaml', text);
  gateway.signal('SIGHUP');
  await gateway.heard(expected, count);
}

async function loadOf(scenario: Scenario, tokenFile: string): Promise<Load> {
  const [cert, key, ca, header] = await Promise.all(
    ['beta/cert.pem', 'beta/key.pem', 'gateway/roots.pem', tokenFile].map((name) => fileOf(scenario, name)),
  );
  const authorization = (header ?? '').trim().replace(/^Authorization: /, '');
  const agent = new Agent({ keepAlive: true, maxSockets: connections, ...{ cert, key, ca } });
  const outcomes = new Map<string, number>();
  const waiting = new Set<() => void>();
  let [total, going] = [0, true];
  const call = async (): Promise<string> => {
    const asking = request({
      ...{ host: '127.0.0.1', port: scenario.bank.at.gateway, servername: 'api.bank.test', agent },
      ...{ path: '/payments/1', headers: { host: 'api.bank.test', authorization } },
    }).end();
    const [answer] = (await once(asking, 'response')) as [IncomingMessage];
    await once(answer.resume(), 'end');
    return String(answer.statusCode);
  };
  const caller = async (): Promise<void> => {
    while (going) {
      const outcome = await call().catch((error: unknown) => String(error));
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      total += 1;
      waiting.forEach((look) => look());
    }
  };
  const callers = Promise.all(Array.from({ length: connections }, caller));
  return {
    outcomes,
    answered: (more) =>
      new Promise((resolve) => {
        const enough = total + more;
        const look = (): void => {
          if (total < enough) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
      }),
    stop: async () => {
      going = false;
      await callers;
      agent.destroy();
    },
  };
}
