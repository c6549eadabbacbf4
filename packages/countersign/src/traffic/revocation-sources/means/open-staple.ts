/** Which responder is asked for the staple of the own certificate, as plain data that is handed from one process to another, and what becomes of it there. */
import type { Clock } from '../../../ground/clock/index.ts';
import type { Refusal } from '../../../ground/errors/index.ts';
import type { BundleSource, CredentialSource } from '../../../runtime/tls/index.ts';
import { type KeptStaple, keepStaple } from '../ocsp/keep-staple.ts';
import type { PrivateRanges } from '../retrieve/retrieve-request.ts';

export interface StapleMeans {
  /** The responder that the own certificate names, or one at this address. */
  readonly ocsp: 'named' | { readonly responder: string };
  /** Whether it may be at an address of a private range. */
  readonly privateRanges: PrivateRanges;
}

export interface StapleMeansOptions {
  readonly clock: Clock;
  readonly credentials: CredentialSource;
  /** Where the issuer is looked for that the own chain does not hold. */
  readonly bundles: BundleSource;
  /** Told where there is nothing to staple, where it will be or is out of date, and that the own certificate is revoked. */
  readonly onWarning?: (warning: Refusal) => void;
}

export function openStaple({ ocsp, privateRanges }: StapleMeans, options: StapleMeansOptions): KeptStaple {
  const { clock, credentials, bundles, onWarning } = options;
  return keepStaple({
    ...{ clock, credentials, privateRanges },
    ...(ocsp === 'named' ? {} : { responder: ocsp.responder }),
    ...(onWarning && { onWarning }),
    issuers: () => {
      const set = bundles.current();
      const own = set.get(set.home);
      return own === undefined ? [] : [...own.intermediates, ...own.anchors];
    },
  });
}
