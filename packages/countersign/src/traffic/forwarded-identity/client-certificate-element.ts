/** One element of `x-forwarded-client-cert`, in the form that Envoy made a custom: By, Hash, Cert, Chain, Subject, URI, DNS. */
import { encodePem } from '../../ground/encoding/index.ts';
import { canonicalDnsName } from '../../identity/authorization/index.ts';
import { sha256Hex } from '../../runtime/cryptography/index.ts';
import type { CheckedCaller } from './forwarded-peer.ts';
import { keptForCaller } from './kept-for-caller.ts';

export interface ElementOptions {
  /** The SPIFFE ID of who writes it. */
  readonly by: string;
  /** The certificate itself, as PEM in URL encoding; some 1,200 characters. Default false. */
  readonly certificate?: boolean;
  /** In TLS's order, without the leaf: with them, `Chain` holds leaf and issuers. */
  readonly issuers?: readonly Uint8Array[];
}

export function clientCertificateElement(caller: CheckedCaller, options: ElementOptions): string {
  const { by, certificate = false, issuers = [] } = options;
  const pairs = [
    `By=${valueOf(by) ?? ''}`,
    `Hash=${hashOf(caller)}`,
    ...(certificate ? [`Cert="${urlEncodedPem([leafOf(caller)])}"`] : []),
    ...(issuers.length > 0 ? [`Chain="${urlEncodedPem([leafOf(caller), ...issuers])}"`] : []),
    namesOf(caller),
  ];
  return pairs.join(';');
}

const leafOf = keptForCaller((caller) => caller.certificate);
const hashOf = keptForCaller((caller) => sha256Hex(caller.certificate));

/** The subject always, and always in quotation marks, as Envoy has it: it may be empty. */
const namesOf = keptForCaller((caller) => {
  const { spiffeId, uris, dnsNames, subject } = caller;
  const allUris = spiffeId === undefined ? uris : [spiffeId, ...uris.filter((uri) => uri !== spiffeId)];
  return [
    `Subject="${quotable(subject?.text ?? '')}"`,
    ...allUris.flatMap((uri) => valueOf(uri) ?? []).map((value) => `URI=${value}`),
    ...dnsNames.filter((name) => canonicalDnsName(name) !== undefined).map((name) => `DNS=${name}`),
  ].join(';');
});

/** In quotation marks where it holds what separates; `undefined` for what no reader would take for one and the same name. */
function valueOf(text: string): string | undefined {
  if (!/^[\x21-\x7e]+$/.test(text) || /["\\]/.test(text)) return undefined;
  return /[,;=]/.test(text) ? `"${text}"` : text;
}

/**
 * RFC 4514's text without `\"` and `\\`, which a reader of quotation marks could take for the end, and in ASCII: a pair of digits for each of their
 * octets is the same name (RFC 4514, 2.4).
 */
function quotable(text: string): string {
  return text.replace(/\\(["\\])|[^\x20-\x7e]/gu, (all, escaped: string | undefined) =>
    Array.from(
      new TextEncoder().encode(escaped ?? all),
      (octet) => `\\${octet.toString(16).toUpperCase().padStart(2, '0')}`,
    ).join(''),
  );
}

function urlEncodedPem(chain: readonly Uint8Array[]): string {
  return encodeURIComponent(chain.map((der) => encodePem('CERTIFICATE', der)).join(''));
}
