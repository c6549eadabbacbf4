/** Both partners call; then a stolen token, one that is bound to nothing, none at all, no certificate, and headers that claim to be somebody else. */
import { thumbprint } from 'countersign/cryptography';
import { readCertificatesPem } from 'countersign/x509';
import { Caller } from './caller.ts';
import { fileOf, type Scenario } from './scenario.ts';

export interface Tokens {
  readonly acme: string;
  readonly beta: string;
}

/** What a proxy that was asked politely would pass on: each names a partner that acme is not. */
const forged = [
  'X-Forwarded-Client-Cert: Hash=00;URI=spiffe://bank.test/partner/forged',
  'X_Forwarded_Client_Cert: Hash=00;URI=spiffe://bank.test/partner/forged',
  'Client-Cert: :Zm9yZ2Vk:',
  'Client_Cert: :forged:',
  'X-SSL-Client-S-DN: CN=forged',
  'X-Client-Verify: forged',
  'Countersign-Identity: forged',
  'Connection: keep-alive, X-Forwarded-Client-Cert',
];

export async function stolenAndForged(scenario: Scenario): Promise<Tokens> {
  const { acme, beta, report, bank } = scenario;
  const [acmeToken, betaToken, unbound] = await Promise.all([
    acme.token(),
    beta.token(),
    beta.keep('unbound', await bank.unboundToken('beta-app')),
  ]);
  const nobody = new Caller(scenario.programs, bank.at, { name: 'nobody' });
  const [first, second, stolen, bound, none, without] = await Promise.all([
    acme.call('/payments/1', acmeToken),
    beta.call('/payments/1', betaToken),
    beta.call('/payments/1', acmeToken),
    beta.call('/statements/1', unbound),
    acme.call('/payments/1'),
    nobody.call('/payments/1', acmeToken),
  ]);
  report.expect({ tried: 'acme calls with its token', ...first }, '200');
  report.expect({ tried: 'beta calls, its certificate of its own CA', ...second }, '200');
  report.expect({ tried: "beta calls with acme's token", ...stolen }, '401 CS-BEARER-013');
  report.expect({ tried: 'beta calls with a token bound to nothing', ...bound }, '401 CS-BEARER-014');
  report.expect({ tried: 'acme calls without a token', ...none }, '401 CS-BEARER-001');
  // The handshake ends with an alert, and the gateway's log has the reason.
  const { code } = await bank.gateway.heard({ event: 'refused', code: 'CS-PEER-001' });
  const came = without.came.startsWith('curl ') ? 'handshake refused' : without.came;
  report.expect(
    { tried: "no certificate, and acme's token", came, code: String(code) },
    'handshake refused CS-PEER-001',
  );
  await forgedHeaders(scenario, acmeToken);
  return { acme: acmeToken, beta: betaToken };
}

const onlyAcme = 'only acme arrives';

async function forgedHeaders(scenario: Scenario, token: string): Promise<void> {
  const { came, code, body } = await scenario.acme.call('/payments/1', token, forged);
  const tried = `acme forges ${forged.length} identity headers`;
  if (came !== '200') {
    scenario.report.expect({ tried, came, code }, onlyAcme);
    return;
  }
  const { headers } = JSON.parse(body) as { headers: { name: string; value: string }[] };
  const said = headers.filter(({ name }) => name.replaceAll('_', '-') === 'x-forwarded-client-cert');
  const [leaf] = readCertificatesPem(await fileOf(scenario, 'acme/cert.pem'));
  const hash = Buffer.from(leaf === undefined ? '' : thumbprint(leaf.raw), 'base64url').toString('hex');
  const [only] = said;
  const truth =
    said.length === 1 &&
    only?.value.includes(`Hash=${hash}`) &&
    only.value.includes('URI=spiffe://bank.test/partner/acme');
  const lies = headers.filter(({ value }) => /forged|Zm9yZ2Vk/.test(value)).map(({ name }) => name);
  const shown = truth === true && lies.length === 0 ? onlyAcme : `the service sees ${body}`;
  scenario.report.expect({ tried, came: shown }, onlyAcme);
}
