/** A new issuer for an authority that runs: it examines the answer itself, takes it in for its next start, or waits for another person. */
import { encodePem } from '../../ground/encoding/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import { type Certificate, readCertificatesPem } from '../../identity/x509/index.ts';
import type { AdministeredAuthority, ReplaceIssuerResponse } from '../../runtime/api/index.ts';
import type { Call } from '../call.ts';
import { calledAs } from '../called-as.ts';
import { proposalFields, proposalText } from '../proposal-text.ts';
import { type Chain, chainFields, show } from './chain-text.ts';
import { findAnchor } from './find-anchor.ts';
import type { Answer } from './read-answer.ts';

/** @param foreign whether the caller may say the root, which must be the authority's */
export async function askForIssuer(
  call: Call,
  authority: AdministeredAuthority,
  { certificates }: Answer,
  foreign: boolean,
): Promise<number> {
  const { output, options, world } = call;
  const anchor = foreign ? await findAnchor(call, certificates) : undefined;
  const response = await authority.replaceIssuer({
    certificates: certificates.map(pem).join(''),
    ...(anchor !== undefined && { anchor: pem(anchor) }),
  });
  const chain = { ...chainOf(response), warnings: response.warnings };
  show(call, chain);
  const { trustDomain, warnings, proposal } = response;
  if (proposal === undefined) {
    output.say(` ${output.paint.good('the issuer is replaced')}`);
    output.hint(' the authority that runs uses it from its next start on');
  } else {
    output.say(proposalText(proposal, world.clock.now()));
    output.hint(` another person must agree: ${calledAs(world.env)} authority approve ${proposal.id}`);
  }
  output.result({
    ...{
      dir: options.text('dir') ?? null,
      trustDomain,
      replaces: proposal === undefined,
      ...chainFields(chain),
      warnings,
    },
    proposal: proposal === undefined ? null : proposalFields(proposal),
  });
  return 0;
}

function chainOf(response: ReplaceIssuerResponse): Chain {
  const [issuer, ...above] = readCertificatesPem(response.chain);
  const [anchor] = readCertificatesPem(response.anchor);
  if (issuer === undefined || anchor === undefined)
    throw new Refusal('CS-PEM-002', { expected: 'CERTIFICATE', found: 'none in the answer of the authority' });
  return { issuer, above, anchor };
}

function pem({ raw }: Certificate): string {
  return encodePem('CERTIFICATE', raw);
}
