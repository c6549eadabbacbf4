/** `revoke`: ends certificates and their live connections, and says where that is enforced. */
import { Refusal } from '../../ground/errors/index.ts';
import type {
  AdministeredAuthority,
  ReasonToRevoke,
  RevocationPreviewResponse,
  RevokeRequest,
  RevokeResponse,
} from '../../runtime/api/index.ts';
import { confirm } from '../ask.ts';
import { askedCertificate, plainSerial } from '../asked-certificate.ts';
import type { Call } from '../call.ts';
import { withAuthority } from '../administered-authority.ts';
import { certificatesText, enforcementText } from '../enforcement-text.ts';

export async function run(call: Call): Promise<number> {
  const { options, output, world } = call;
  const asked = askedFor(call);
  const reason = options.text('reason') as ReasonToRevoke | undefined;
  const request = { ...asked, ...(reason === undefined ? {} : { reason }) };
  const wide = asked.identity !== undefined || asked.issuer !== undefined;
  // A script has decided already; but not what it cannot have counted.
  if (wide && !options.on('yes') && !world.stdin.isTTY)
    throw new Refusal('CS-USAGE-004', {
      missing: '--yes: off a terminal nobody can be asked',
      example: 'countersign revoke --by-identity web --yes',
    });
  if (!wide && !options.on('yes')) await confirm(question(asked), world);
  const answer = await withAuthority(call, async (authority) => {
    if (wide) await showAndAsk(call, authority, request);
    output.progress('waiting for the endpoints');
    return authority.revoke(request);
  });
  output.say(revocationText(answer));
  const { enforced, of, ms, unreachable, closed, serials, number, identity, issuerKey } = answer;
  output.result({ enforced, of, ms, unreachable, closed, serials, number, identity, issuerKey });
  return 0;
}

type Asked = Pick<RevokeRequest, 'serial' | 'name' | 'identity' | 'issuer'>;

function askedFor({ options, arguments: given }: Call): Asked {
  const [identity, issuer] = [options.text('by-identity'), options.text('by-issuer')];
  options.exclude('by-identity', 'by-issuer', 'one of them is revoked at a time');
  const [asked] = given;
  if (asked !== undefined && (identity !== undefined || issuer !== undefined))
    throw new Refusal('CS-USAGE-006', {
      given: ['SERIAL|NAME', identity === undefined ? '--by-issuer' : '--by-identity'],
      rule: 'one of them is revoked at a time',
    });
  if (identity !== undefined) return { identity };
  if (issuer !== undefined) return { issuer: issuerOf(issuer) };
  if (asked !== undefined) return askedCertificate(asked);
  throw new Refusal('CS-USAGE-004', { missing: 'SERIAL|NAME', example: 'countersign revoke web' });
}

/** A SHA-256 is longer than any serial number. */
function issuerOf(text: string): string {
  const plain = plainSerial(text);
  return plain.length === 64 ? plain.toLowerCase() : plain;
}

function question({ serial, name = '' }: Asked): string {
  const which = serial === undefined ? `all certificates of ${name}` : `certificate ${serial}`;
  return `revoke ${which} for good, and close their connections now?`;
}

async function showAndAsk(
  { options, output, world }: Call,
  authority: AdministeredAuthority,
  request: RevokeRequest,
): Promise<void> {
  const preview = await authority.previewRevocation(request);
  output.say(previewText(preview));
  output.event('preview', { ...preview });
  const { identity, issuerKey } = preview;
  const what = identity ?? `everything under the issuer's key ${issuerKey ?? ''}`;
  if (!options.on('yes')) await confirm(`revoke ${what} for good, and close their connections now?`, world);
}

function previewText({ identity, issuerKey, certificates, identities, endpoints }: RevocationPreviewResponse): string {
  const what = identity ?? `the issuer's key ${issuerKey ?? ''}`;
  const whose = `${identities} ${identities === 1 ? 'identity' : 'identities'}`;
  const cut = `${endpoints} ${endpoints === 1 ? 'endpoint' : 'endpoints'}`;
  return [
    ` revoking ${what}`,
    ` cuts ${certificatesText(certificates)} of ${whose}, and ${cut} off the feed, with all their connections`,
  ].join('\n');
}

function revocationText(answer: RevokeResponse): string {
  const { serials, identity, issuerKey } = answer;
  const what =
    issuerKey === undefined
      ? `${certificatesText(serials.length)}${identity === undefined ? '' : ` and the identity ${identity}`}`
      : `everything under the issuer's key ${issuerKey}`;
  return `${enforcementText(answer, 'may accept it')}\n revoked: ${what}`;
}
