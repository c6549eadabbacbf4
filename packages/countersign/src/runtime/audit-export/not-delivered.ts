/** The refusal of a delivery that failed, whatever failed in it. */
import { isRefusal, Refusal } from '../../ground/errors/index.ts';

export function notDelivered(target: string, error: unknown): Refusal {
  if (isRefusal(error)) return error;
  const why = error instanceof Error ? ('code' in error ? String(error.code) : error.message) : String(error);
  return new Refusal('CS-AUDIT-003', { target, why }, { cause: error });
}
