/** A failure of the database as the refusal that names its cause and its remedy. */
import { isRefusal, Refusal } from '../../ground/errors/index.ts';
import { failureKind } from './sqlite-failure.ts';

/** @param operation what was under way @param holder asked only where another process holds the file */
export function storageRefusal(error: unknown, operation: string, file: string, holder: () => string): Refusal {
  if (isRefusal(error)) return error;
  const why = error instanceof Error ? error.message : String(error);
  switch (failureKind(error)) {
    case 'held':
      return new Refusal('CS-STATE-001', { file, holder: holder() }, { cause: error });
    case 'damaged':
      return new Refusal('CS-STORE-006', { file, damage: why }, { cause: error });
    case 'no database':
      return new Refusal('CS-STORE-003', { file, why }, { cause: error });
    case 'full':
      return new Refusal('CS-STORE-004', { operation, file }, { cause: error });
    case 'disk':
      return new Refusal('CS-STORE-005', { operation, file, why }, { cause: error });
    case 'statement':
      return new Refusal('CS-STORE-002', { operation, why }, { cause: error });
  }
}
