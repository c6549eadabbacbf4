/** What was said of the means that are asked beside the feed: lists, responders, and what happens where they say nothing. */
import { resolve } from 'node:path';
import { Refusal } from '../../ground/errors/index.ts';
import type { StapleMeans, StatusMeans } from '../../traffic/revocation-sources/index.ts';
import type { Call } from '../call.ts';
import { privateSourcesOption } from '../table/revocation-means.ts';

/** `undefined` where nothing is asked. @throws CS-USAGE-003 and -004 */
export function statusMeansOf(call: Call): StatusMeans | undefined {
  const { options } = call;
  const lists = options.texts('crl').map((text) => listSource(text, call));
  const ocsp = responderOf('ocsp', call) ?? 'none';
  const listsFromCertificates = options.on('crl-from-certificates');
  if (lists.length === 0 && !listsFromCertificates && ocsp === 'none') {
    requireMeans(call, 'undetermined', '--crl, --crl-from-certificates or --ocsp');
    if (!options.given('staple'))
      requireMeans(call, privateSourcesOption.name, '--crl, --crl-from-certificates, --ocsp or --staple');
    return undefined;
  }
  return {
    lists,
    listsFromCertificates,
    ocsp,
    undetermined: options.text('undetermined') === 'let-in' ? 'letInUnlessKnownRevoked' : 'refuse',
    privateRanges: privateRangesOf(call),
  };
}

/** `undefined` where nothing is stapled. @throws CS-USAGE-003 */
export function stapleMeansOf(call: Call): StapleMeans | undefined {
  const ocsp = responderOf('staple', call);
  return ocsp && { ocsp, privateRanges: privateRangesOf(call) };
}

/** Told at the start, since it shows nowhere else until it matters. */
export function tellStatusMeans(
  { means, staple }: { readonly means: StatusMeans | undefined; readonly staple: StapleMeans | undefined },
  { output }: Call,
): void {
  if (staple !== undefined) output.event('staple-means', { ...staple });
  if (means === undefined) return;
  output.event('revocation-means', { ...means });
  if (means.undetermined === 'refuse') return;
  output.hint(
    'countersign: who keeps a list or an answer away from here is let in with a revoked certificate: --undetermined let-in',
  );
}

function listSource(text: string, { world }: Call): StatusMeans['lists'][number] {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return { url: httpAddress('--crl', text) };
  return { file: resolve(world.workingDirectory, text) };
}

function responderOf(option: 'ocsp' | 'staple', { options }: Call): StapleMeans['ocsp'] | undefined {
  const text = options.text(option);
  if (text === undefined || text === 'named') return text;
  return { responder: httpAddress(`--${option}`, text) };
}

function privateRangesOf({ options }: Call): StatusMeans['privateRanges'] {
  return options.on(privateSourcesOption.name) ? 'allow' : 'refuse';
}

/** What is fetched is signed; anchors for https would be one more thing whose revocation waits for this. */
function httpAddress(option: string, text: string): string {
  if (/^http:\/\//i.test(text) && URL.canParse(text)) return text;
  const expected = `an address that begins with http://${option === '--crl' ? ', or a file' : ', or named'}`;
  throw new Refusal('CS-USAGE-003', { option, value: text, expected });
}

function requireMeans({ options, command }: Call, name: string, means: string): void {
  if (!options.given(name)) return;
  throw new Refusal('CS-USAGE-004', {
    missing: `${means} (--${name} is about them)`,
    example: command.examples.find(({ line }) => line.includes('--crl'))?.line ?? '',
  });
}
