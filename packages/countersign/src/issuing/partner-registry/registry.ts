/** What the operations of this room share. */
import type { Clock } from '../../ground/clock/index.ts';
import type { Enrollment } from '../enrollment-server/index.ts';
import type { PartnerBook } from './partner-book.ts';

export interface PartnerRegistry {
  readonly book: PartnerBook;
  readonly enrollment: Enrollment;
  readonly clock: Clock;
}
