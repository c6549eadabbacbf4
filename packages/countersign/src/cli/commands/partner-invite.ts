/** `partner invite`: a partner is registered, and gets a link and a code for a certificate of its own. */
import { resolve } from 'node:path';

import { parseRfc3339 } from '../../ground/clock/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import type { PartnerLimits } from '../../identity/partners/index.ts';
import type { InvitePartnerRequest, InvitePartnerResponse } from '../../runtime/api/index.ts';
import { withAuthority } from '../administered-authority.ts';
import type { Call } from '../call.ts';
import { shellWords } from '../called-as.ts';
import { intoNewFile } from '../output/new-file.ts';
import { formatDuration } from '../text/duration.ts';

/** A day: it goes to people of another house. */
const defaultLifeMs = 24 * 3_600_000;

export async function run(call: Call): Promise<number> {
  const { options, output, world } = call;
  const request = requestOf(call);
  const file = options.text('code-out');
  let invited: InvitePartnerResponse | undefined;
  const ask = async (): Promise<string> => {
    const answer = await withAuthority(call, (authority) => authority.invitePartner(request));
    invited = answer;
    return answer.code;
  };
  if (file === undefined) await ask();
  else await intoNewFile(resolve(world.workingDirectory, file), file, ask);
  if (invited === undefined) return 3;
  const { spiffeId, link, code, expires, registered, rootPemSha256 } = invited;
  const left = formatDuration((parseRfc3339(expires) ?? 0) - world.clock.now() + 999);
  output.say(
    [` ${registered ? 'partner' : 'again  '}  ${request.name}  ${spiffeId}`, ` link     ${link}`].join('\n') +
      (file === undefined ? `\n code     ${code}` : ''),
  );
  output.hint(
    ` the code${file === undefined ? '' : ` in ${file}`} is good once, for ${left}; send it on another way than the link`,
  );
  output.hint(steps(request.name, invited));
  output.result({
    ...{ partner: request.name, spiffeId, link, ...(file === undefined ? { code } : { codeFile: file }) },
    ...{ expires, registered, rootPemSha256 },
  });
  return 0;
}

/** What the partner types. The code goes through a file: arguments are seen by everybody on a machine. */
function steps(name: string, { link, rootPemSha256 }: InvitePartnerResponse): string {
  const { origin } = new URL(link);
  const quoted = shellWords([link]);
  return [
    ' the partner, with countersign:',
    `   countersign join ${quoted} --out ${name}`,
    ' or with openssl and curl, the code in a file code.txt as "Authorization: Bearer CODE":',
    `   openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=${name} -keyout ${name}.key -out ${name}.csr`,
    `   curl -sk ${origin}/v1/roots/pem -o root.pem && echo '${rootPemSha256}  root.pem' | sha256sum -c`,
    `   curl --fail-with-body --cacert root.pem -H @code.txt --data-binary @${name}.csr ${quoted} -o ${name}.pem`,
    ' and to renew it, with a request as before:',
    `   curl --fail-with-body --cacert root.pem --cert ${name}.pem --key ${name}.key --data-binary @${name}.csr ${origin}/v1/partners/renewals -o ${name}.next.pem`,
  ].join('\n');
}

function requestOf({ options, arguments: given }: Call): InvitePartnerRequest {
  const [name = ''] = given;
  const routes = options.texts('routes').flatMap((text) => text.split(','));
  const contacts = options.texts('contact');
  const limits = limitsOf(options.texts('limit'), options.text('burst'), options.text('connections'));
  const certificateLifeMs = options.milliseconds('certificate-life');
  return {
    name,
    ...(routes.length === 0 ? {} : { routes: routes.join() === '*' ? '*' : routes }),
    ...(Object.keys(limits).length === 0 ? {} : { limits }),
    ...(contacts.length === 0 ? {} : { contacts: [...contacts] }),
    lifeSeconds: Math.ceil((options.milliseconds('life') ?? defaultLifeMs) / 1000),
    ...(certificateLifeMs === undefined ? {} : { certificateLifeSeconds: Math.ceil(certificateLifeMs / 1000) }),
  };
}

function limitsOf(rates: readonly string[], burst: string | undefined, connections: string | undefined): PartnerLimits {
  const limits: { -readonly [Name in keyof PartnerLimits]: PartnerLimits[Name] } = {};
  for (const rate of rates) {
    const [, digits, unit] = /^(\d{1,9}(?:\.\d{1,3})?)\/(s|d)$/.exec(rate) ?? [];
    const name = unit === 's' ? 'requestsPerSecond' : 'requestsPerDay';
    if (digits === undefined || limits[name] !== undefined || Number(digits) === 0)
      throw new Refusal('CS-USAGE-003', { option: '--limit', value: rate, expected: '50/s or 100000/d, each once' });
    limits[name] = Number(digits);
  }
  if (burst !== undefined) limits.burst = countOf('--burst', burst);
  if (connections !== undefined) limits.connections = countOf('--connections', connections);
  return limits;
}

function countOf(option: string, text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new Refusal('CS-USAGE-003', { option, value: text, expected: 'a whole number above 0' });
}
