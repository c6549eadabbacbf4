/** What a peer policy says, as data: compared by decoded names, never by regular expressions or substrings. */
import type { DistinguishedName } from '../x509/index.ts';

export type PolicyRule =
  | { readonly kind: 'spiffe-id'; readonly id: string }
  | { readonly kind: 'spiffe-id-pattern'; readonly trustDomain: string; readonly segments: readonly string[] }
  | { readonly kind: 'dns-name'; readonly name: string }
  | { readonly kind: 'dns-name-pattern'; readonly parent: string }
  | { readonly kind: 'uri'; readonly uri: string }
  /** The prefix ends with the "/" before the first segment. */
  | { readonly kind: 'uri-pattern'; readonly prefix: string; readonly segments: readonly string[] }
  | { readonly kind: 'subject'; readonly name: DistinguishedName }
  /** Lower-case hex. */
  | { readonly kind: 'spki-pin'; readonly pin: string }
  | { readonly kind: 'any-of'; readonly rules: readonly PolicyRule[] }
  | { readonly kind: 'all-of'; readonly rules: readonly PolicyRule[] }
  | { readonly kind: 'any-peer' };
