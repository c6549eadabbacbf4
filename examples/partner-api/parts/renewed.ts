/** Certificates end: told of ahead, renewed, and each new one needs a new token. */
import type { Scenario } from './scenario.ts';
import type { Tokens } from './stolen-and-forged.ts';

const metric = 'countersign_gateway_partner_certificate_expires_seconds';
const daySeconds = 86_400;

export async function renewed(scenario: Scenario, tokens: Tokens): Promise<void> {
  await betaRenews(scenario, tokens.beta);
  await acmeRenews(scenario, tokens.acme);
}

/** At its own company's authority; the key stays, by which the bank knows it. */
async function betaRenews(scenario: Scenario, token: string): Promise<void> {
  const { bank, beta, betaHouse, caller, report } = scenario;
  const notice = await bank.gateway.heard({ event: 'warning', code: 'CS-GATEWAY-068' });
  const { partner } = notice['evidence'] as { partner: string };
  report.expect(
    {
      tried: "beta's certificate ends in five days",
      came: partner === 'beta' ? 'the log says so' : partner,
      code: String(notice['code']),
    },
    'the log says so CS-GATEWAY-068',
  );
  report.expect({ tried: "the metric of beta's certificate", came: await daysLeft(scenario) }, '5 days');
  await betaHouse.certify('next.pem', 0, 90);
  const next = caller('beta', 'beta/next.pem', 'beta/key.pem');
  const [stale, fresh] = [await next.call('/payments/1', token), await next.call('/payments/1', await next.token())];
  report.expect({ tried: 'beta renewed, the token is from before', ...stale }, '401 CS-BEARER-013');
  report.expect({ tried: 'beta gets a new token', ...fresh }, '200');
  report.expect({ tried: "the metric of beta's certificate", came: await daysLeft(scenario) }, '90 days');
  const former = await beta.call('/payments/1', token);
  report.expect({ tried: "beta's old certificate with its own token", ...former }, '200');
}

async function daysLeft({ programs }: Scenario): Promise<string> {
  const text = await programs.done('curl', ['-q', '-sS', '--unix-socket', 'admin.sock', 'http://gateway/metrics']);
  const seconds = Number(new RegExp(`^${metric}\\{partner="beta"\\} (\\S+)$`, 'm').exec(text)?.[1]);
  return `${Math.round(seconds / daySeconds)} days`;
}

/** At the bank's authority, with the certificate that ends. */
async function acmeRenews({ acme, programs, report }: Scenario, token: string): Promise<void> {
  const { status } = await programs.countersign('renew', '--dir-credential', 'acme');
  report.expect({ tried: 'acme renews: countersign renew', came: status === 0 ? 'renewed' : 'refused' }, 'renewed');
  const [stale, fresh] = [await acme.call('/payments/1', token), await acme.call('/payments/1', await acme.token())];
  report.expect({ tried: 'acme renewed, the token is from before', ...stale }, '401 CS-BEARER-013');
  report.expect({ tried: 'acme gets a new token', ...fresh }, '200');
}
