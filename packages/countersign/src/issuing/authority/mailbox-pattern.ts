/** Patterns of mailboxes: before the "@" one local part, or a star for any; behind it a pattern of DNS names: `*@example.test`, `ops@**.internal`. */
import { coversDnsPattern, type DnsPattern, fitsDnsPattern, parseDnsPattern } from './dns-pattern.ts';
import { brokenLocalRule, partsOf } from './mailbox.ts';

export interface MailboxPattern {
  /** As it was written. */
  readonly text: string;
  /** Compared letter for letter (RFC 5280, 7.5); a star is every one. */
  readonly local: string;
  readonly host: DnsPattern;
}

const anyLocal = '*';

/** @returns the rule that `text` breaks, where it is no pattern */
export function parseMailboxPattern(text: string): MailboxPattern | string {
  const at = text.lastIndexOf('@');
  if (at === -1) return 'a mailbox has an "@": *@example.test, ops@*.internal';
  const local = text.slice(0, at);
  if (local !== anyLocal) {
    // No part of it: "adm*" would be one more way to say a name that nobody meant.
    if (local.includes('*')) return 'a star stands for the whole local part or for none of it';
    const rule = brokenLocalRule(local);
    if (rule !== undefined) return rule;
  }
  const host = parseDnsPattern(text.slice(at + 1));
  return typeof host === 'string' ? host : { text, local, host };
}

/** @param name one that breaks no rule of mailboxes */
export function fitsMailboxPattern(pattern: MailboxPattern, name: string): boolean {
  const { local, host } = partsOf(name);
  return (pattern.local === anyLocal || pattern.local === local) && fitsDnsPattern(pattern.host, host);
}

/** Whether every mailbox that fits `inner` fits `outer`; where that is hard to tell, no. */
export function coversMailboxPattern(outer: MailboxPattern, inner: MailboxPattern): boolean {
  return (outer.local === anyLocal || outer.local === inner.local) && coversDnsPattern(outer.host, inner.host);
}
