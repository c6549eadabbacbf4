/** `x-forwarded-client-cert` as it comes from the proxy next to us: of its elements the last alone is that proxy's own. */
import { equalBytes, parsePem } from '../../ground/encoding/index.ts';
import { isRefusal } from '../../ground/errors/index.ts';

export interface ForwardedElement {
  /** DER; `undefined` where the proxy does not send it. */
  readonly certificate: Uint8Array | undefined;
  /** What came beside it, in its order; candidates for intermediates and no more. */
  readonly issuers: readonly Uint8Array[];
  /** Lower-case hex, where it was said. */
  readonly hash: string | undefined;
}

/** Characters of all elements. Own choice: a chain of four certificates is 8 KB. */
const mostCharacters = 64 * 1024;

/** The rule that it breaks, where it is malformed. */
export function parseClientCertificate(value: string): ForwardedElement | string {
  if (value.length > mostCharacters) return 'at most 65,536 characters';
  const elements = splitOutsideQuotes(value, ',');
  const last = elements?.at(-1);
  if (elements === undefined || last === undefined) return 'quotation marks are closed';
  return parseElement(last);
}

const keys: ReadonlySet<string> = new Set(['by', 'hash', 'cert', 'chain', 'subject', 'uri', 'dns']);
const repeatable: ReadonlySet<string> = new Set(['by', 'uri', 'dns']);

function parseElement(element: string): ForwardedElement | string {
  const found = new Map<string, string>();
  for (const pair of splitOutsideQuotes(element, ';') ?? []) {
    const equals = pair.indexOf('=');
    const key = pair.slice(0, Math.max(equals, 0)).trim().toLowerCase();
    if (!keys.has(key)) return 'its keys are By, Hash, Cert, Chain, Subject, URI and DNS';
    if (found.has(key) && !repeatable.has(key)) return `${key} comes once`;
    const value = unquoted(pair.slice(equals + 1).trim());
    if (value === undefined) return `${key} is a value, or one in quotation marks`;
    found.set(key, value);
  }
  const hash = found.get('hash')?.toLowerCase();
  if (hash !== undefined && !/^[0-9a-f]{64}$/.test(hash)) return 'Hash is 64 hexadecimal digits';
  const [cert, chain] = [certificatesIn(found.get('cert')), certificatesIn(found.get('chain'))];
  if (cert === undefined || chain === undefined || cert.length > 1) return 'Cert and Chain are PEM in URL encoding';
  const [first, ...issuers] = chain;
  const certificate = cert[0] ?? first;
  if (certificate !== undefined && first !== undefined && !equalBytes(certificate, first))
    return 'Chain begins with Cert';
  return { certificate, issuers, hash };
}

/** Parts at `separator` where no quotation mark is open; `undefined` where one is left open. */
function splitOutsideQuotes(text: string, separator: string): readonly string[] | undefined {
  const parts: string[] = [];
  let open = false;
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (open && character === '\\') at += 1;
    else if (character === '"') open = !open;
    else if (!open && character === separator) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  if (open) return undefined;
  return [...parts, text.slice(start)];
}

function unquoted(text: string): string | undefined {
  if (!text.startsWith('"')) return text.includes('"') ? undefined : text;
  const inside = /^"((?:[^"\\]|\\.)*)"$/.exec(text)?.[1];
  return inside?.replace(/\\(.)/g, '$1');
}

function certificatesIn(encoded: string | undefined): readonly Uint8Array[] | undefined {
  if (encoded === undefined || encoded === '') return [];
  try {
    const blocks = parsePem(decodeURIComponent(encoded));
    return blocks.every(({ label }) => label === 'CERTIFICATE') ? blocks.map(({ bytes }) => bytes) : undefined;
  } catch (error) {
    if (isRefusal(error) || error instanceof URIError) return undefined;
    throw error;
  }
}
