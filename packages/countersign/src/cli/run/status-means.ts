/** What was said of the means that are asked beside the feed: lists, responders, and what happens where they say nothing. */
import { resolve } from 'node:path';
import { Refusal } from '../../ground/errors/index.ts';
import type { StatusMeans } from '../../traffic/revocation-sources/index.ts';
import type { Call } from '../call.ts';

/** `undefined` where nothing is asked. @throws CS-USAGE-003 and -004 */
export function statusMeansOf(call: Call): StatusMeans | undefined {
  const { options } = call;
  const lists = options.texts('crl').map((text) => listSource(text, call));
  const ocsp = responderOf(options.text('ocsp'));
  const listsFromCertificates = options.on('crl-from-certificates');
  if (lists.length === 0 && !listsFromCertificates && ocsp === 'none') {
    for (const name of ['undetermined', 'allow-private-revocation-sources']) requireMeans(call, name);
    return undefined;
  }
  return {
    lists,
    listsFromCertificates,
    ocsp,
    undetermined: options.text('undetermined') === 'let-in' ? 'letInUnlessKnownRevoked' : 'refuse',
    privateRanges: options.on('allow-private-revocation-sources') ? 'allow' : 'refuse',
  };
}

/** Told at the start, since it shows nowhere else until it matters. */
export function tellStatusMeans(means: StatusMeans | undefined, { output }: Call): void {
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

function responderOf(text: string | undefined): StatusMeans['ocsp'] {
  if (text === undefined) return 'none';
  return text === 'named' ? 'named' : { responder: httpAddress('--ocsp', text) };
}

/** What is fetched is signed; anchors for https would be one more thing whose revocation waits for this. */
function httpAddress(option: string, text: string): string {
  if (/^http:\/\//i.test(text) && URL.canParse(text)) return text;
  const expected = `an address that begins with http://${option === '--ocsp' ? ', or named' : ', or a file'}`;
  throw new Refusal('CS-USAGE-003', { option, value: text, expected });
}

function requireMeans({ options, command }: Call, name: string): void {
  if (!options.given(name)) return;
  throw new Refusal('CS-USAGE-004', {
    missing: `--crl, --crl-from-certificates or --ocsp (--${name} is about them)`,
    example: command.examples.find(({ line }) => line.includes('--crl'))?.line ?? '',
  });
}
