/** An entry as a syslog message (RFC 5424). */
import { type AuditEntry, toAuditLine } from '../audit/index.ts';

export interface SyslogOrigin {
  /** Of this machine; its name, or "-" where that is no name (RFC 5424, 6.2.4). */
  readonly hostname: string;
}

/** RFC 5424, 6.2.1: facility 13 is "log audit", severity 5 "notice": 13 * 8 + 5. */
const priority = 109;

/**
 * RFC 5424, 6.3.2: a name of one's own needs an enterprise number. This project has none, so it is the one that is set aside for documentation
 * (RFC 5612, 2): nobody else's, and easily told from a real one.
 */
const structuredDataId = 'countersign@32473';

export function syslogMessage(entry: AuditEntry, { hostname }: SyslogOrigin): string {
  const host = /^[\x21-\x7e]{1,255}$/.test(hostname) ? hostname : '-';
  const head = `<${String(priority)}>1 ${new Date(entry.atMs).toISOString()} ${host} countersign - ${messageId(entry.action)}`;
  return `${head} ${structuredData(entry)} ${ascii(JSON.stringify(toAuditLine(entry)))}`;
}

/** At most 32 printable characters (RFC 5424, 6.2.7). */
function messageId(action: string): string {
  return /^[\x21-\x7e]{1,32}$/.test(action) ? action : '-';
}

/** What a collector filters by; the whole entry, from which its hash can be made again, is the message. */
function structuredData({ sequence, hash, facts, personal }: AuditEntry): string {
  const values = Object.entries(personal).flatMap(([name, { value }]) =>
    value === undefined ? [] : [parameter(name, value)],
  );
  const known = Object.entries(facts).flatMap(([name, fact]) =>
    // A list is the same parameter again (RFC 5424, 6.3.3).
    (Array.isArray(fact) ? fact : [fact]).map((one) => parameter(name, String(one))),
  );
  return `[${[structuredDataId, parameter('sequence', String(sequence)), parameter('hash', hash), ...known, ...values].join(' ')}]`;
}

/** RFC 5424, 6.3.3: in a value '"', '\' and ']' are escaped; a line break is not forbidden, and tears messages apart at too many receivers. */
function parameter(name: string, value: string): string {
  const oneLine = value.replaceAll(/[\p{Cc}]/gu, ' ');
  return `${name.slice(0, 32)}="${oneLine.replaceAll(/["\\\]]/g, '\\$&')}"`;
}

/** RFC 5424, 6.4: UTF-8 in a message needs a byte order mark, at which JSON parsers fail; ASCII needs none. */
function ascii(json: string): string {
  return json.replaceAll(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
