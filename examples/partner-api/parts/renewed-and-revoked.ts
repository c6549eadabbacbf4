/** Certificates end: told of ahead, renewed, and each new one needs a new token; a former one is revoked, and the check endpoint says so to who asks. */
import { readCertificatesPem } from 'countersign/x509';
import type { Tokens } from './stolen-and-forged.ts';
import { fileOf, type Scenario, writeTo } from './scenario.ts';

const metric = 'countersign_gateway_partner_certificate_expires_seconds';
const daySeconds = 86_400;

export async function renewedAndRevoked(scenario: Scenario, tokens: Tokens): Promise<void> {
  await betaRenews(scenario, tokens.beta);
  const former = await acmeRenews(scenario, tokens.acme);
  await formerIsRevoked(scenario, former);
}

/** At its own company's authority; the key stays, by which the bank knows it. */
async function betaRenews(scenario: Scenario, token: string): Promise<void> {
  const { bank, beta, betaHouse, caller, report } = scenario;
  const notice = await bank.gateway.heard({ event: 'warning', code: 'CS-GATEWAY-068' });
  const { partner } = notice['evidence'] as { partner: string };
  report.expect({ tried: "beta's certificate ends in five days", came: `the log names ${partner}`, code: String(notice['code']) }, 'the log names beta CS-GATEWAY-068');
  const days = async (): Promise<string> => `${Math.round((await expirySeconds(scenario)) / daySeconds)} days`;
  report.expect({ tried: 'what the metric says of it', came: await days() }, '5 days');
  await betaHouse.certify('next.pem', 0, 90);
  const renewed = caller('beta', 'beta/next.pem', 'beta/key.pem');
  report.expect({ tried: 'beta renewed, and calls with the token from before', ...(await renewed.call('/payments/1', token)) }, '401 CS-BEARER-013');
  report.expect({ tried: 'beta calls with a new token', ...(await renewed.call('/payments/1', await renewed.token())) }, '200');
  report.expect({ tried: 'what the metric says now', came: await days() }, '90 days');
  const [old, still] = [beta, await beta.call('/payments/1', token)];
  void old;
  report.expect({ tried: 'beta calls with the old certificate and its own token', ...still }, '200');
}

async function expirySeconds({ programs }: Scenario): Promise<number> {
  const text = await programs.done('curl', ['-q', '-sS', '--unix-socket', 'admin.sock', 'http://gateway/metrics']);
  return Number(new RegExp(`^${metric}\\{partner="beta"\\} (\\S+)$`, 'm').exec(text)?.[1]);
}

/** @returns the serial of the certificate from before, which is kept as `acme/former.pem` */
async function acmeRenews(scenario: Scenario, token: string): Promise<string> {
  const { acme, programs, report } = scenario;
  const before = await fileOf(scenario, 'acme/cert.pem');
  await writeTo(scenario, 'acme/former.pem', before);
  const { status } = await programs.countersign('renew', '--dir-credential', 'acme');
  report.expect({ tried: 'acme renews with countersign renew', came: status === 0 ? 'renewed' : 'refused' }, 'renewed');
  report.expect({ tried: 'acme calls with the token from before', ...(await acme.call('/payments/1', token)) }, '401 CS-BEARER-013');
  report.expect({ tried: 'acme calls with a new token', ...(await acme.call('/payments/1', await acme.token())) }, '200');
  const [leaf] = readCertificatesPem(before);
  return leaf?.serialNumber ?? '';
}

async function formerIsRevoked(scenario: Scenario, serial: string): Promise<void> {
  const { acme, caller, programs, report } = scenario;
  const former = caller('acme', 'acme/former.pem', 'acme/key.pem');
  const token = await former.token();
  const { enforced, of } = await programs.administer('revoke', serial, '--reason', 'superseded');
  report.expect({ tried: "acme's former certificate is revoked", came: `enforced on ${String(enforced)} of ${String(of)}` }, 'enforced on 1 of 1');
  report.expect({ tried: 'acme calls with it', ...(await former.call('/payments/1', token)) }, /CS-PEER-008$/);
  const [why, good] = [await former.check(), await acme.check()];
  const { accepted, remedy } = JSON.parse(why.body) as { accepted: boolean; remedy?: string };
  const came = accepted ? 'accepted' : `refused${remedy === undefined ? '' : ', with a remedy'}`;
  report.expect({ tried: 'acme asks the check endpoint about it', came, code: why.code }, 'refused, with a remedy CS-PEER-008');
  const { accepted: current } = JSON.parse(good.body) as { accepted: boolean };
  report.expect({ tried: 'acme asks about the certificate after it', came: current ? 'accepted' : 'refused' }, 'accepted');
}
