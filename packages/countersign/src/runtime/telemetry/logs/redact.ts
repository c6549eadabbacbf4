/**
 * The last filter before a log: whatever looks like a secret is taken out of a line, wherever it came from. Events hold no secrets by construction;
 * this is for what strangers and people send where it does not belong (a token in a path, a key in a header).
 */

/** An enrolment token, also with its underscore percent-encoded, also in capitals that a resolver or a person made of it. */
const token = /cs1(?:_|%5f)[\w%=.-]*/gi;

/** A PEM block from its first line on, as far as it goes: with line breaks as they are, escaped (\n, \u000a) or percent-encoded. */
const pem =
  /-----BEGIN(?:[A-Z0-9 +]|%20|\\u0020)*(?:-----)?(?:[A-Za-z0-9+/=\s:,-]|\\+[nrt]|\\+u00[0-9a-f]{2}|\\+\/|%[0-9A-Fa-f]{2})*/g;

/**
 * Base64 of 100 characters and more: the body of a key without its lines before and after, or a token without its beginning. Thumbprints (43), SHA-256 in
 * hexadecimal (64), serial numbers (40) and endpoints' names (64) are shorter. Own choice.
 */
const run = /[A-Za-z0-9+/=_-]{100,}/g;

/** A basic or bearer credential, after its scheme (RFC 9110, 11.4). */
const authorization = /\b(Bearer|Basic|DPoP)(\s+|%20|\+)[A-Za-z0-9._~+/=-]{8,}/gi;

export class Redactor {
  readonly #secrets = new Set<string>();

  /** From now on this very text is taken out, too: a passphrase looks like nothing. Shorter than four characters it is ignored, since it would cut up words. */
  remember(secret: string): void {
    if (secret.length >= 4) this.#secrets.add(secret);
  }

  redact(text: string): string {
    let clean = text
      .replace(pem, '[PEM]')
      .replace(token, 'cs1_...')
      .replace(authorization, '$1 [redacted]')
      .replace(run, (found) => (isBase64(found) ? '[redacted]' : found));
    for (const secret of this.#secrets) clean = clean.replaceAll(secret, '[redacted]');
    return clean;
  }
}

/** Long paths and names of lower case, or all of one letter, are no base64 of anything secret: that has all of them mixed. */
function isBase64(text: string): boolean {
  return [/[A-Z]/g, /[a-z]/g, /[0-9]/g].every((kind) => (text.match(kind)?.length ?? 0) >= 3);
}
