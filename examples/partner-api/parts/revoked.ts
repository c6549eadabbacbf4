/** acme's key was lost: its certificate is revoked, the check endpoint says so to who asks, and a further invitation lets acme in again, by openssl and curl alone. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readCertificatesPem } from 'countersign/x509';
import type { Caller } from './caller.ts';
import { fileOf, type Scenario, writeTo } from './scenario.ts';

export async function revoked(scenario: Scenario): Promise<void> {
  const { acme, caller, programs, report } = scenario;
  const token = await acme.token();
  const [leaf] = readCertificatesPem(await fileOf(scenario, 'acme/cert.pem'));
  const serial = leaf?.serialNumber ?? '';
  const { enforced, of } = await programs.administer('revoke', serial, '--reason', 'keyCompromise');
  const came = `${String(enforced)} of ${String(of)}`;
  report.expect({ tried: "acme's certificate is revoked", came }, '1 of 1');
  const refused = await acme.call('/payments/1', token);
  report.expect({ tried: 'acme, or a thief of its key, calls', ...refused }, '403 CS-PEER-008');
  await asked(scenario, acme, 'acme asks the check endpoint', 'refused; a remedy CS-PEER-008');
  await Promise.all([invitedAgain(scenario), selfSigned(scenario)]);
  const stranger = caller('stranger', 'stranger.pem', 'stranger.key');
  await asked(scenario, stranger, 'somebody self-signed asks it', 'refused; a remedy CS-PEER-002');
  const again = caller('acme', 'acme.again.pem', 'acme.again.key');
  await asked(scenario, again, 'acme, invited again, asks it', 'accepted');
  const allowed = await again.call('/payments/1', await again.token());
  report.expect({ tried: 'acme calls with the new certificate', ...allowed }, '200');
}

async function asked({ report }: Scenario, who: Caller, tried: string, expected: string): Promise<void> {
  const { body, came, code } = await who.check();
  const { accepted, remedy } = JSON.parse(came === '200' || code !== undefined ? body : '{}') as {
    accepted?: boolean;
    remedy?: string;
  };
  const refusal = remedy === undefined ? 'refused' : 'refused; a remedy';
  report.expect({ tried, came: accepted === undefined ? came : accepted ? 'accepted' : refusal, code }, expected);
}

/** As the invitation itself says it to who has no countersign. */
async function invitedAgain(scenario: Scenario): Promise<void> {
  const { programs } = scenario;
  const { link } = await programs.administer('partner', 'invite', 'acme', '--code-out', 'again.code');
  const code = (await readFile(join(programs.folder, 'again.code'), 'utf8')).trim();
  await writeTo(scenario, 'again.header', `Authorization: Bearer ${code}\n`);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'acme.again.key'];
  await programs.done('openssl', ['req', '-new', ...key, '-subj', '/CN=acme', '-out', 'acme.again.csr']);
  await programs.done('curl', [
    ...['-q', '-sS', '--fail-with-body', '--cacert', 'gateway/roots.pem', '-H', '@again.header'],
    ...['--data-binary', '@acme.again.csr', String(link), '-o', 'acme.again.pem'],
  ]);
}

async function selfSigned({ programs }: Scenario): Promise<void> {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'stranger.key'];
  await programs.done('openssl', ['req', '-x509', ...key, '-subj', '/O=Acme/CN=acme', '-out', 'stranger.pem']);
}
