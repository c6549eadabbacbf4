/** Names of distribution points compared kind by kind (RFC 5280, 6.3.3 (b) (2) (i) and 7). */
import { equalBytes } from '../../../ground/encoding/index.ts';
import { type GeneralNames, sameName } from '../../x509/index.ts';

/** Whether the two have a name in common. */
export function haveNameInCommon(a: GeneralNames, b: GeneralNames): boolean {
  return (
    meet(a.uri, b.uri, (one, other) => comparableUri(one) === comparableUri(other)) ||
    meet(a.directory, b.directory, sameName) ||
    meet(a.dns, b.dns, (one, other) => one.toLowerCase() === other.toLowerCase()) ||
    meet(a.ip, b.ip, (one, other) => one === other) ||
    meet(a.email, b.email, (one, other) => comparableMailbox(one) === comparableMailbox(other)) ||
    meet(a.registeredId, b.registeredId, (one, other) => one === other) ||
    meet(a.otherName, b.otherName, (one, other) => one.type === other.type && equalBytes(one.value, other.value)) ||
    meet(a.x400, b.x400, equalBytes) ||
    meet(a.ediParty, b.ediParty, equalBytes)
  );
}

function meet<T>(a: readonly T[], b: readonly T[], same: (one: T, other: T) => boolean): boolean {
  return a.some((one) => b.some((other) => same(one, other)));
}

/** Scheme and host without regard to case, the rest as it stands (RFC 5280, 7.4). */
function comparableUri(uri: string): string {
  const [, scheme, host, rest] = /^([^:/?#]+:\/\/)([^/?#]*)(.*)$/s.exec(uri) ?? [];
  if (scheme === undefined || host === undefined || rest === undefined) return uri;
  const afterUser = host.lastIndexOf('@') + 1;
  return `${scheme.toLowerCase()}${host.slice(0, afterUser)}${host.slice(afterUser).toLowerCase()}${rest}`;
}

/** The host without regard to case (RFC 5280, 7.5). */
function comparableMailbox(mailbox: string): string {
  const host = mailbox.lastIndexOf('@') + 1;
  return `${mailbox.slice(0, host)}${mailbox.slice(host).toLowerCase()}`;
}
