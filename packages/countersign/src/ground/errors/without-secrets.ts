/** Text in which a token or a private key that somebody has put in a wrong place can not be read. */

// A token's prefix with more than a word of it; PEM as it is (RFC 7468, 3) or percent-encoded, to the end of the text, which may be broken.
const secrets = /cs1_[\w-]{4,}|-----BEGIN[^-]{0,60}PRIVATE[^]*/g;

export function withoutSecrets(text: string): string {
  // Most texts have neither, and this is asked of each.
  if (!text.includes('cs1_') && !text.includes('PRIVATE')) return text;
  return text.replace(secrets, (found) => (found.startsWith('cs1_') ? 'cs1_...' : '(a private key)'));
}
