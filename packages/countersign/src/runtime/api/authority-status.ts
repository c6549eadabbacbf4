/** `GET /v1/status`: which authority this is, how it is, and how many persons its named operations take. */
import { z } from 'zod';

import { authorityUrl, rfc3339Text, sha256Text } from './fields.ts';
import { empty, type Empty, type Operation } from './operation.ts';

/** Why no certificate could be issued now, by the code that a request would get. */
export interface StatusReason {
  code: string;
  title: string;
  remedy: string;
  evidence: Record<string, string>;
}

/** What will be trouble if nobody does anything. */
export interface StatusWarning {
  about: 'issuer' | 'disk' | 'clock' | 'own-certificate';
  text: string;
}

export interface StatusCertificates {
  valid: number;
  expired: number;
  revoked: number;
}

export interface StatusEndpoints {
  subscribed: number;
  /** All that hold a lease, subscribed or not. */
  leased: number;
  /** Of them, those that have not acknowledged the latest change. */
  behind: number;
  /** The one that may go on accepting what was revoked for longest. */
  worst?: { name: string; until: string } | undefined;
  /** Those that go on with what they knew last when their lease has ended. */
  continuing?: number | undefined;
}

/** A list, a responder or a staple that an endpoint relies on beside the feed. */
export interface StatusSource {
  means: 'crl' | 'ocsp' | 'staple';
  source: string;
  issuer?: string | undefined;
  thisUpdate?: string | undefined;
  nextUpdate?: string | undefined;
  freshUntil?: string | undefined;
  failure?: string | undefined;
  /** For how long what was revoked after it was made may be accepted because of it; absent where nothing bounds that, or nothing came. */
  worstSeconds?: number | undefined;
}

/** What one endpoint has told of the means that it asks beside the feed. */
export interface StatusEndpointMeans {
  name: string;
  endpoint: string;
  /** What becomes of a peer of which no means knows. */
  undetermined: 'refuse' | 'letInUnlessKnownRevoked';
  sources: StatusSource[];
  /** The longest of its sources; absent where one is without bound, or whoever nothing is known of is let in. */
  worstSeconds?: number | undefined;
}

/** By which means a revocation that is made now reaches whom. */
export interface StatusMeans {
  means: 'feed' | 'crl' | 'ocsp' | 'none';
  whom: string;
  /** The longest time for which one of them may accept what was revoked; absent where it is not known here. */
  worstSeconds?: number | undefined;
}

/** The revocation lists that are handed out, of all issuers together. */
export interface StatusLists {
  entries: number;
  /** Of the oldest. */
  thisUpdate: string;
  /** Of the one that ends first. */
  nextUpdate: string;
}

/** How often the responder gave each kind of answer since the start, and how many are signed ahead. */
export interface StatusOcsp {
  good: number;
  revoked: number;
  unknown: number;
  several: number;
  error: number;
  kept: number;
}

export interface StatusDatabase {
  bytes: number;
  walBytes: number;
  diskFreeBytes: number;
  diskBytes: number;
}

/** An issuer that was taken in, and is used from the next start on. */
export interface StatusNextIssuer {
  /** SHA-256 of its certificate's DER, hexadecimal. */
  certificate: string;
  notAfter: string;
}

/** What is optional an older authority does not tell; certificates and database also not one whose database does not answer. */
export interface AuthorityStatus {
  url: string;
  /** SHA-256 of the root's DER, hexadecimal. */
  root: string;
  trustDomain: string;
  pid: number;
  /** How many different persons must agree to what needs these roles: a new issuer, wider profiles; other administrators, erased history. */
  persons: { issuer: number; root: number };
  version?: string | undefined;
  since?: string | undefined;
  ready?: boolean | undefined;
  reasons?: StatusReason[] | undefined;
  warnings?: StatusWarning[] | undefined;
  issuerNotAfter?: string | undefined;
  nextIssuer?: StatusNextIssuer | undefined;
  feedNumber?: number | undefined;
  endpoints?: StatusEndpoints | undefined;
  /** How long an endpoint that hears nothing goes by what it knows, and how often it hears at least. */
  lease?: { seconds: number; heartbeatSeconds: number } | undefined;
  revocation?: StatusMeans[] | undefined;
  /** Of endpoints that ask lists or responders beside the feed; absent where none does. */
  endpointMeans?:
    | {
        /** How many have told of such means; those whose exposure is longest are listed. */
        reporting: number;
        /** Over all of them; absent where that of one is without bound. */
        worstSeconds?: number | undefined;
        endpoints: StatusEndpointMeans[];
      }
    | undefined;
  lists?: StatusLists | undefined;
  ocsp?: StatusOcsp | undefined;
  memoryBytes?: number | undefined;
  certificates?: StatusCertificates | undefined;
  database?: StatusDatabase | undefined;
  lastBackup?: string | undefined;
}

const count = z.int().min(0);

const worstSeconds = z.number().min(0).optional();

const endpointMeans = z.object({
  name: z.string(),
  endpoint: z.string(),
  undetermined: z.enum(['refuse', 'letInUnlessKnownRevoked']),
  sources: z.array(
    z.object({
      means: z.enum(['crl', 'ocsp', 'staple']),
      source: z.string(),
      issuer: z.string().optional(),
      thisUpdate: rfc3339Text.optional(),
      nextUpdate: rfc3339Text.optional(),
      freshUntil: rfc3339Text.optional(),
      failure: z.string().optional(),
      worstSeconds,
    }),
  ),
  worstSeconds,
});

export const authorityStatus: Operation<Empty, AuthorityStatus> = {
  method: 'GET',
  path: '/v1/status',
  summary: 'Which authority this is, and which rules are in force',
  request: empty,
  response: z.object({
    url: authorityUrl,
    root: sha256Text,
    trustDomain: z.string(),
    pid: z.int().min(1),
    persons: z.object({ issuer: z.int().min(1), root: z.int().min(1) }),
    version: z.string().optional(),
    since: rfc3339Text.optional(),
    ready: z.boolean().optional(),
    reasons: z
      .array(
        z.object({
          code: z.string(),
          title: z.string(),
          remedy: z.string(),
          evidence: z.record(z.string(), z.string()),
        }),
      )
      .optional(),
    warnings: z
      .array(z.object({ about: z.enum(['issuer', 'disk', 'clock', 'own-certificate']), text: z.string() }))
      .optional(),
    issuerNotAfter: rfc3339Text.optional(),
    nextIssuer: z.object({ certificate: sha256Text, notAfter: rfc3339Text }).optional(),
    feedNumber: count.optional(),
    endpoints: z
      .object({
        subscribed: count,
        leased: count,
        behind: count,
        worst: z.object({ name: z.string(), until: rfc3339Text }).optional(),
        continuing: count.optional(),
      })
      .optional(),
    lease: z.object({ seconds: z.number().min(0), heartbeatSeconds: z.number().min(0) }).optional(),
    revocation: z
      .array(
        z.object({
          means: z.enum(['feed', 'crl', 'ocsp', 'none']),
          whom: z.string(),
          worstSeconds: z.number().min(0).optional(),
        }),
      )
      .optional(),
    endpointMeans: z.object({ reporting: count, worstSeconds, endpoints: z.array(endpointMeans) }).optional(),
    lists: z.object({ entries: count, thisUpdate: rfc3339Text, nextUpdate: rfc3339Text }).optional(),
    ocsp: z
      .object({ good: count, revoked: count, unknown: count, several: count, error: count, kept: count })
      .optional(),
    memoryBytes: count.optional(),
    certificates: z.object({ valid: count, expired: count, revoked: count }).optional(),
    database: z.object({ bytes: count, walBytes: count, diskFreeBytes: count, diskBytes: count }).optional(),
    lastBackup: rfc3339Text.optional(),
  }),
};
