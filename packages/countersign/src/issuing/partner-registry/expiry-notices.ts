/** Tells ahead of time that a partner's last certificate ends: once for each certificate and each time before its end, also across restarts. */
import { partnerId } from '../../identity/partners/index.ts';
import type { CertificateInventory } from '../authority/index.ts';
import type { PartnerBook, PartnerRecord } from './partner-book.ts';

export interface ExpiryNotice {
  readonly partner: string;
  readonly serial: string;
  readonly notAfterMs: number;
  /** Which of the times before its end has come. */
  readonly beforeMs: number;
  readonly contacts: readonly string[];
}

export interface ExpiryQuestion {
  readonly book: PartnerBook;
  readonly inventory: Pick<CertificateInventory, 'byName'>;
  readonly trustDomain: string;
  /** Times before the end, in milliseconds. */
  readonly before: readonly number[];
  readonly nowMs: number;
}

const partnersOfAPage = 100;
/** As elsewhere: a partner has a few. */
const mostCertificates = 1000;

/** What is to be told now, and is remembered as told when this resolves. */
export async function dueNotices(question: ExpiryQuestion): Promise<readonly ExpiryNotice[]> {
  const due: ExpiryNotice[] = [];
  let after: string | undefined;
  for (;;) {
    const page = await question.book.page(after, partnersOfAPage);
    for (const record of page) {
      const notice = record.state === 'active' ? await noticeOf(record, question) : undefined;
      if (notice !== undefined) due.push(notice);
    }
    after = page.at(-1)?.name;
    if (page.length < partnersOfAPage) break;
  }
  await question.book.noteTold(due.map(({ partner, serial, beforeMs }) => ({ name: partner, serial, beforeMs })));
  return due;
}

/** Of the one that ends last: whoever has renewed needs no notice of the one before. */
async function noticeOf(
  { name, terms, told }: PartnerRecord,
  { inventory, trustDomain, before, nowMs }: ExpiryQuestion,
): Promise<ExpiryNotice | undefined> {
  const { records } = await inventory.byName(partnerId(trustDomain, name), undefined, mostCertificates);
  const [last] = records
    .filter(({ revoked, notAfterMs }) => revoked === undefined && nowMs < notAfterMs + 1000)
    .sort((a, b) => b.notAfterMs - a.notAfterMs);
  if (last === undefined) return undefined;
  const { serialNumber: serial, notAfterMs } = last;
  const come = before.filter((beforeMs) => notAfterMs - nowMs <= beforeMs);
  if (come.length === 0) return undefined;
  const beforeMs = Math.min(...come);
  if (told?.serial === serial && told.beforeMs <= beforeMs) return undefined;
  return { partner: name, serial, notAfterMs, beforeMs, contacts: terms.contacts };
}
