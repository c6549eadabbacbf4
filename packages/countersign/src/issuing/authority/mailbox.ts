/** Mailboxes (rfc822Name): the rule that one breaks, and how it is written in a certificate (RFC 5280, 4.2.1.6, 7.5; RFC 5321, 4.1.2). */
import { brokenDnsRule } from './dns-name.ts';

/** RFC 5321, 4.5.3.1.3: 256 octets of a path, with its angle brackets. */
const mostCharacters = 254;
/** RFC 5321, 4.5.3.1.1. */
const mostLocalCharacters = 64;

/**
 * Dot-string (RFC 5321, 4.1.2), less what is read in more ways than one: "/" begins a path, "*" is a pattern, "%" and "!" were routes (RFC 1123, 5.2.16).
 * A quoted local part is another's without its quotes, and so could pass by a constraint.
 */
const localForm = /^[\w#$&'+=?^`{|}~-]+(?:\.[\w#$&'+=?^`{|}~-]+)*$/;

/** An "@" is in no other kind of name; a URI, which may hold one, has a scheme. */
export function isMailboxLike(name: string): boolean {
  return name.includes('@') && !name.includes('://') && !/^spiffe:/i.test(name);
}

export function brokenMailboxRule(name: string): string | undefined {
  if (/[^\0-\x7f]/.test(name))
    return 'letters beyond ASCII: an internationalized mailbox (SmtpUTF8Mailbox, RFC 9598) is not issued';
  if (name.length > mostCharacters) return `a mailbox longer than ${mostCharacters} characters (RFC 5321 4.5.3.1.3)`;
  const { local, host } = partsOf(name);
  const rule = brokenLocalRule(local) ?? brokenDnsRule(host);
  return rule === undefined ? undefined : `no mailbox: ${rule}`;
}

export function brokenLocalRule(local: string): string | undefined {
  if (local === '') return 'nothing before the "@"';
  if (local.length > mostLocalCharacters)
    return `a local part longer than ${mostLocalCharacters} characters (RFC 5321 4.5.3.1.1)`;
  return localForm.test(local)
    ? undefined
    : 'the local part is letters, digits and #$&\'+=?^_`{|}~-, with single dots between (RFC 5321 4.1.2); no quotes, no "*", "/", "%", "!"';
}

/** The host in lower case, since it is compared without regard to case; the local part as it is, since that counts (RFC 5280, 7.5). */
export function writtenMailbox(name: string): string {
  const { local, host } = partsOf(name);
  return `${local}@${host}`;
}

/** A name as it is written in a certificate, where that depends on its case. */
export function writtenName(name: string): string {
  return isMailboxLike(name) ? writtenMailbox(name) : name;
}

/** Letters of ASCII alone: elsewhere two characters can share one lower case. */
export function partsOf(name: string): { readonly local: string; readonly host: string } {
  const at = name.lastIndexOf('@');
  const host = name.slice(at + 1).replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
  return { local: name.slice(0, Math.max(at, 0)), host };
}
