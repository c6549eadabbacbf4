/** An issuer's chain for people: what is handed out with each certificate, and what endpoints trust. */
import { toRfc3339 } from '../../ground/clock/index.ts';
import { printable } from '../../ground/errors/index.ts';
import type { Certificate } from '../../identity/x509/index.ts';
import { sha256Hex } from '../../runtime/cryptography/index.ts';
import type { Call } from '../call.ts';
import { formatDuration } from '../text/duration.ts';
import { beside, columns, wrap } from '../text/wrap.ts';

export interface Chain {
  readonly issuer: Certificate;
  /** The issuer's own issuer first. */
  readonly above: readonly Certificate[];
  readonly anchor: Certificate;
}

/** Before anything is done with it. @param warnings what stands in nobody's way, and should be known */
export function show({ output, world }: Call, chain: Chain & { readonly warnings: readonly string[] }): void {
  output.say(chainText(chain, world.clock.now()));
  for (const warning of chain.warnings) output.hint(` ${wrap(`note: ${warning}`, columns - 7).join('\n       ')}`);
}

export function chainText({ issuer, above, anchor }: Chain, nowMs: number): string {
  return [
    ' trusted by every endpoint:',
    ...certificateLines('root', anchor, nowMs),
    ' handed out with each certificate:',
    ...above.toReversed().flatMap((certificate) => certificateLines('above', certificate, nowMs)),
    ...certificateLines('issuer', issuer, nowMs),
  ].join('\n');
}

function certificateLines(label: string, certificate: Certificate, nowMs: number): string[] {
  const { subject, notAfter, publicKey, basicConstraints, raw } = certificate;
  // notAfter is inclusive of its final second (RFC 5280, 4.1.2.5).
  const left = notAfter + 1000 - nowMs;
  const length = basicConstraints?.pathLength;
  const facts = [
    `ends ${toRfc3339(notAfter)} (${left > 0 ? `in ${formatDuration(left)}` : 'over'})`,
    publicKey.type,
    ...(length === undefined ? [] : [`path length ${length}`]),
  ];
  return [
    ...beside(label, printable(subject.text), 3, 12),
    ...beside('', facts.join('; '), 3, 12),
    ...beside('', sha256Hex(raw), 3, 12),
  ];
}

export function chainFields({ issuer, above, anchor }: Chain): Readonly<Record<string, unknown>> {
  return { chain: [issuer, ...above].map(certificateFields), anchor: certificateFields(anchor) };
}

function certificateFields({ subject, serialNumber, notBefore, notAfter, raw }: Certificate): object {
  return {
    subject: subject.text,
    serial: serialNumber,
    notBefore: toRfc3339(notBefore),
    notAfter: toRfc3339(notAfter),
    sha256: sha256Hex(raw),
  };
}
