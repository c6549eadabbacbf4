/** The partner of a name. */
import { nearMatch, Refusal } from '../../ground/errors/index.ts';
import type { PartnerBook, PartnerRecord } from './partner-book.ts';

/** Names among which the near match of a mistyped one is looked for. Own choice. */
const mostCompared = 1000;

/** @throws CS-PARTNER-004 */
export async function findPartner(book: PartnerBook, name: string): Promise<PartnerRecord> {
  const [found] = await book.find([name]);
  if (found !== undefined) return found;
  const known = await book.page(undefined, mostCompared);
  const nearest =
    nearMatch(
      name,
      known.map((one) => one.name),
    ) ?? 'none';
  throw new Refusal('CS-PARTNER-004', { partner: name, nearest });
}
