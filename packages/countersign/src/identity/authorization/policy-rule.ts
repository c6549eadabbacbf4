/** What a peer policy says, as data: compared by decoded names, never by regular expressions or substrings. */

export type PolicyRule =
  | { readonly kind: 'spiffe-id'; readonly id: string }
  | { readonly kind: 'spiffe-id-pattern'; readonly trustDomain: string; readonly segments: readonly string[] }
  | { readonly kind: 'dns-name'; readonly name: string }
  | { readonly kind: 'dns-name-pattern'; readonly parent: string }
  | { readonly kind: 'any-of'; readonly rules: readonly PolicyRule[] }
  | { readonly kind: 'any-peer' };
