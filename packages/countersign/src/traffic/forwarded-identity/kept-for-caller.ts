/** What is made once for each caller: its certificate is the same in each of its requests. */
import { type CheckedCaller, requireChecked } from './forwarded-peer.ts';

/** @param make called for a caller that was checked @returns the same, remembered as long as the caller is */
export function keptForCaller<Value>(make: (caller: CheckedCaller) => Value): (caller: CheckedCaller) => Value {
  const kept = new WeakMap<CheckedCaller, { readonly value: Value }>();
  return (caller) => {
    const known = kept.get(caller);
    if (known !== undefined) return known.value;
    requireChecked(caller);
    const value = make(caller);
    kept.set(caller, { value });
    return value;
  };
}
