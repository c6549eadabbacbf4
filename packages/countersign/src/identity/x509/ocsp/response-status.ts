/** OCSPResponseStatus (RFC 6960, 4.2.1): why there is no answer. */

export type OcspError = 'malformedRequest' | 'internalError' | 'tryLater' | 'sigRequired' | 'unauthorized';

/** By their numbers; 0 is successful, 4 is not used. */
export const ocspErrors: ReadonlyMap<number, OcspError> = new Map([
  [1, 'malformedRequest'],
  [2, 'internalError'],
  [3, 'tryLater'],
  [5, 'sigRequired'],
  [6, 'unauthorized'],
]);
