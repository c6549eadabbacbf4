/**
 * The target of a request in its one plain form: what is decided on is what the upstream gets, octet for octet. Needless encodings are taken out
 * (RFC 3986, 6.2.2); what two programs could read differently is refused.
 */

export interface PlainTarget {
  /** Without the query. */
  readonly path: string;
  /** With it; what goes on. */
  readonly target: string;
}

export interface Ambiguous {
  readonly reason: string;
}

/** Characters of a path that nobody reads in two ways: pchar (RFC 3986, 3.3) without "%" and ";". No segment begins with a dot, none is empty. */
const plain =
  /^(?:\/(?:[A-Za-z0-9_~!$&'()*+,=:@-][A-Za-z0-9._~!$&'()*+,=:@-]*)?)(?:\/[A-Za-z0-9_~!$&'()*+,=:@-][A-Za-z0-9._~!$&'()*+,=:@-]*)*\/?$/;

/** Octets of a target. What fits into a header at all is 16 KiB; own choice. */
const mostCharacters = 8192;

/** @param raw as it came: the target of HTTP/1.1, or `:path` */
export function plainTarget(method: string, raw: string): PlainTarget | Ambiguous {
  if (method === 'CONNECT') return { reason: 'CONNECT is no request for a path' };
  if (raw === '*') return { reason: 'the asterisk form is for a server as a whole' };
  if (!raw.startsWith('/')) return { reason: 'a host in the target (absolute or authority form)' };
  if (raw.length > mostCharacters) return { reason: `longer than ${mostCharacters} characters` };
  const mark = raw.indexOf('?');
  const found = canonicalPath(mark === -1 ? raw : raw.slice(0, mark));
  if ('reason' in found) return found;
  if (mark === -1) return { path: found.path, target: found.path };
  const query = raw.slice(mark);
  if (!/^[\x21\x22\x24-\x7e]*$/.test(query)) return { reason: 'a query with "#", white space or other than ASCII' };
  return { path: found.path, target: found.path + query };
}

export function canonicalPath(raw: string): { readonly path: string } | Ambiguous {
  // "//" and "/." in one look: the expression allows a slash at the end, and an empty first segment alone.
  if (plain.test(raw) && !raw.includes('//')) return { path: raw };
  if (!raw.startsWith('/')) return { reason: 'it does not begin with "/"' };
  return slowly(raw);
}

function slowly(raw: string): { readonly path: string } | Ambiguous {
  let path = '';
  for (let at = 0; at < raw.length; at += 1) {
    const character = raw.charAt(at);
    if (character !== '%') {
      const reason = misread(character);
      if (reason !== undefined) return { reason };
      path += character;
      continue;
    }
    const hex = raw.slice(at + 1, at + 3);
    if (!/^[0-9A-Fa-f]{2}$/.test(hex)) return { reason: '"%" without two hexadecimal digits' };
    at += 2;
    const decoded = String.fromCharCode(Number.parseInt(hex, 16));
    const reason = hidden(decoded, raw.slice(at + 1, at + 3));
    if (reason !== undefined) return { reason };
    path += /[A-Za-z0-9._~-]/.test(decoded) ? decoded : `%${hex.toUpperCase()}`;
  }
  if (path.includes('//')) return { reason: 'an empty segment ("//")' };
  if (path.split('/').some((segment) => segment === '.' || segment === '..'))
    return { reason: 'a relative segment ("." or "..")' };
  return { path };
}

/** Written as such. */
function misread(character: string): string | undefined {
  if (character === '\\') return 'a backslash';
  if (character === ';') return '";", which some cut a path at';
  if (character === '#') return '"#", which begins a fragment';
  if (character < '!' || character > '~') return 'white space, a control or other than ASCII';
  return undefined;
}

/** Encoded. @param next what stands behind it, by which an encoded "%" is an encoding of its own for who decodes twice */
function hidden(decoded: string, next: string): string | undefined {
  if (decoded === '/' || decoded === '\\') return 'an encoded slash or backslash';
  if (decoded === ';') return 'an encoded ";"';
  if (decoded < ' ' || decoded === '\x7f') return 'an encoded control (%00 to %1F, %7F)';
  if (decoded === '%' && /^[0-9A-Fa-f]{2}$/.test(next)) return 'an encoding within an encoding (%25)';
  return undefined;
}

/**
 * The host that a request is for: lower case, without port and without a dot at its end.
 * @param authority of the Host header or `:authority`
 */
export function plainHost(authority: string): string | undefined {
  if (authority !== last.authority || last.authority === '') {
    last.host = readHost(authority);
    last.authority = authority;
  }
  return last.host;
}

/** Each connection asks for the same one. */
const last: { authority: string; host: string | undefined } = { authority: '', host: undefined };

function readHost(authority: string): string | undefined {
  // User information, brackets and whatever else no name has are not in the form.
  const [, name = ''] = /^([A-Za-z0-9_-][A-Za-z0-9._-]*?)\.?(?::\d{1,5})?$/.exec(authority) ?? [];
  return name === '' ? undefined : name.toLowerCase();
}
