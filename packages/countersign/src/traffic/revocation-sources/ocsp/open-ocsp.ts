/** Opens OCSP as a means by which endpoints find out whether a peer's certificate is revoked. */
import type { StatusCheck } from '../../../runtime/tls/index.ts';
import { OcspCheck } from './ocsp-check.ts';
import { type OcspOptions, ocspSettings } from './ocsp-options.ts';
import { retrieveAnswer } from './retrieve-answer.ts';

export interface OpenOcsp extends StatusCheck {
  /** Ends all requests and timers; what is known stays as it is. */
  close(): void;
}

export function openOcsp(options: OcspOptions): OpenOcsp {
  return new OcspCheck(ocspSettings(options, options.retrieve ?? retrieveAnswer));
}
