/** Whether a policy allows an identity. */
import { type DistinguishedName, sameName } from '../x509/index.ts';
import { describe } from './describe.ts';
import { canonicalDnsName } from './dns-names.ts';
import { fitsSegments } from './path-segments.ts';
import { ruleOf, type PeerPolicy } from './peer-policy.ts';
import type { PolicyRule } from './policy-rule.ts';
import { hidesCharacters } from './subject.ts';

/** The names that a verified certificate carries, decoded, and the hash of its key; nothing else of it counts. */
export interface PeerIdentity {
  readonly spiffeId?: string | undefined;
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly uris: readonly string[];
  readonly subject?: DistinguishedName | undefined;
  /** Lower-case hex SHA-256 of the SubjectPublicKeyInfo. */
  readonly spkiPin: string;
}

export type Decision = { readonly allowed: true } | { readonly allowed: false; readonly expected: string };

/** @throws TypeError where `policy` was not made by this room */
export function decide(policy: PeerPolicy, identity: PeerIdentity): Decision {
  return allows(ruleOf(policy), identity) ? { allowed: true } : { allowed: false, expected: describe(policy) };
}

function allows(rule: PolicyRule, identity: PeerIdentity): boolean {
  switch (rule.kind) {
    case 'spiffe-id':
      return identity.spiffeId === rule.id;
    case 'spiffe-id-pattern': {
      const prefix = `spiffe://${rule.trustDomain}/`;
      const id = identity.spiffeId;
      return id?.startsWith(prefix) === true && fitsSegments(rule.segments, id.slice(prefix.length - 1));
    }
    case 'dns-name':
      return identity.dnsNames.some((name) => canonicalDnsName(name) === rule.name);
    case 'dns-name-pattern':
      return identity.dnsNames.some((name) => parentOf(canonicalDnsName(name)) === rule.parent);
    case 'uri':
      return identity.uris.includes(rule.uri);
    case 'uri-pattern': {
      const { prefix, segments } = rule;
      return identity.uris.some(
        (uri) => uri.startsWith(prefix) && fitsSegments(segments, uri.slice(prefix.length - 1)),
      );
    }
    case 'subject':
      return (
        identity.subject !== undefined && sameName(identity.subject, rule.name) && !hidesCharacters(identity.subject)
      );
    case 'spki-pin':
      return identity.spkiPin === rule.pin;
    case 'any-of':
      return rule.rules.some((one) => allows(one, identity));
    case 'all-of':
      return rule.rules.every((one) => allows(one, identity));
    case 'any-peer':
      return true;
  }
}

function parentOf(name: string | undefined): string | undefined {
  const dot = name?.indexOf('.') ?? -1;
  return dot === -1 ? undefined : name?.slice(dot + 1);
}
