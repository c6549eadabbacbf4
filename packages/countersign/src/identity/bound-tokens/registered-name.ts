/** The one name by which a client of `tls_client_auth` is known (RFC 8705, 2.1.2), compared with what a verified certificate carries, decoded. */
import { Refusal } from '../../ground/errors/index.ts';
import { decide, dnsName, type PeerIdentity, type PeerPolicy, spiffeId, subject, uri } from '../authorization/index.ts';
import { formatIpAddress, parseIpAddress } from '../x509/index.ts';

export const registeredNameKinds = [
  'tls_client_auth_subject_dn',
  'tls_client_auth_san_dns',
  'tls_client_auth_san_uri',
  'tls_client_auth_san_ip',
  'tls_client_auth_san_email',
] as const;

export type RegisteredNameKind = (typeof registeredNameKinds)[number];

/** The names of a verified certificate, its mailboxes with them. */
export interface RegisteredPeer extends PeerIdentity {
  readonly emails: readonly string[];
}

export interface RegisteredName {
  readonly kind: RegisteredNameKind;
  readonly value: string;
  fits(peer: RegisteredPeer): boolean;
}

export function isRegisteredNameKind(text: string): text is RegisteredNameKind {
  return (registeredNameKinds as readonly string[]).includes(text);
}

/** @throws CS-OAUTH-001 where `value` is no such name */
export function registeredName(client: string, kind: RegisteredNameKind, value: string): RegisteredName {
  return { kind, value, fits: fitting(client, kind, value) };
}

function fitting(client: string, kind: RegisteredNameKind, value: string): RegisteredName['fits'] {
  const malformed = (cause?: unknown): Refusal =>
    new Refusal('CS-OAUTH-001', { client, rule: `${kind} is no such name` }, { cause });
  const byPolicy = (policy: () => PeerPolicy): RegisteredName['fits'] => {
    try {
      const made = policy();
      return (peer) => decide(made, peer).allowed;
    } catch (error) {
      throw malformed(error);
    }
  };
  switch (kind) {
    case 'tls_client_auth_subject_dn':
      return byPolicy(() => subject(value));
    case 'tls_client_auth_san_dns':
      return byPolicy(() => dnsName(value));
    case 'tls_client_auth_san_uri':
      // A SPIFFE ID is believed of each trust domain about itself, any other URI of the home one alone.
      return byPolicy(() => (value.startsWith('spiffe://') ? spiffeId(value) : uri(value)));
    case 'tls_client_auth_san_ip': {
      const octets = parseIpAddress(value);
      const text = octets === undefined ? undefined : formatIpAddress(octets);
      if (text === undefined) throw malformed();
      return (peer) => peer.ipAddresses.includes(text);
    }
    case 'tls_client_auth_san_email': {
      const mailbox = comparable(value);
      if (mailbox === undefined) throw malformed();
      return (peer) => peer.emails.some((email) => comparable(email) === mailbox);
    }
  }
}

/** Printable ASCII with one @: what else rfc822Name may hold is compared with nothing. */
const mailboxForm = /^[\x21-\x3f\x41-\x7e]{1,64}@[A-Za-z0-9.-]{1,253}$/;

/** The host in lower case, what stands before it octet for octet (RFC 5280, 7.5). */
function comparable(email: string): string | undefined {
  if (!mailboxForm.test(email)) return undefined;
  const at = email.indexOf('@');
  return `${email.slice(0, at)}@${email.slice(at + 1).toLowerCase()}`;
}
