/** A refusal as plain data, as it goes between processes and threads. */
import { Refusal, type RefusalCode } from '../../ground/errors/index.ts';

export interface ToldRefusal {
  readonly code: RefusalCode;
  readonly evidence: Refusal['evidence'];
}

export function toldOf({ code, evidence }: Refusal): ToldRefusal {
  return { code, evidence };
}

export function refusalOf({ code, evidence }: ToldRefusal): Refusal {
  return new Refusal(code, evidence as never);
}
