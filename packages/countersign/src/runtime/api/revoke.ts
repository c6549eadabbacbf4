/** `POST /v1/revocations`: revokes, waits for the endpoints, and says where it is enforced. */
import { z } from 'zod';

import { rfc3339Text, serialText, subjectName } from './fields.ts';
import type { Operation } from './operation.ts';

/** The reasons of RFC 5280, 5.3.1, that a person chooses from. */
export const reasonsToRevoke = [
  'unspecified',
  'keyCompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'privilegeWithdrawn',
] as const;

export type ReasonToRevoke = (typeof reasonsToRevoke)[number];

/** One of `serial`, `name`, `identity` and `issuer`; a name revokes every certificate that carries it and has not expired. */
export interface RevokeRequest {
  serial?: string | undefined;
  name?: string | undefined;
  /** A SPIFFE ID, or a name of one identity: all its certificates that were issued until now, also those that are not on record, and its tokens. */
  identity?: string | undefined;
  /** The SHA-256 of an issuer's key, or the serial number of a certificate that it issued: everything under it. */
  issuer?: string | undefined;
  /** Default unspecified. */
  reason?: ReasonToRevoke | undefined;
}

export interface UnreachableEndpoint {
  /** The endpoint's own certificate's name. */
  name: string;
  /** Until when it may still accept what was revoked. */
  leaseEnds: string;
}

/** What gateways did that follow the partners of the registry. */
export interface GatewayEnforcement {
  /** Gateways that have it in force, of those that were heard of within half a day. */
  enforced: number;
  of: number;
  ms: number;
  unreachable: { name: string; lastHeard: string }[];
  closed: { connections: number; requests: number };
}

export interface RevokeResponse {
  /** Of an issuer's key none are listed. */
  serials: string[];
  /** The identity that was revoked, where one was. */
  identity?: string | undefined;
  /** The key that was revoked, where one was: lower-case hexadecimal SHA-256. */
  issuerKey?: string | undefined;
  /** The feed's number of this change. */
  number: number;
  /** Endpoints that acknowledged the number after closing, of those that hold a lease. */
  enforced: number;
  of: number;
  /** From the decision to the last acknowledgement that was waited for. */
  ms: number;
  unreachable: UnreachableEndpoint[];
  /** Connections closed. */
  closed: number;
  /** Of a partner who was suspended or removed: what the gateways did beside that. */
  gateways?: GatewayEnforcement | undefined;
}

const count = z.int().min(0);

/** 64 MiB: a million serials, or ten identities with all the endpoints that they may have. It comes from our own authority, over its own socket. */
export const largestEnforcementBytes: number = 64 * 1024 * 1024;

export const revokeRequest: z.ZodType<RevokeRequest> = z
  .strictObject({
    serial: serialText.optional(),
    name: subjectName.optional(),
    identity: subjectName.optional(),
    issuer: z
      .string()
      .regex(/^(?:[0-9a-f]{64}|[0-9A-F]{1,40})$/, "the SHA-256 of an issuer's key, or a serial number, in hexadecimal")
      .optional(),
    reason: z.enum(reasonsToRevoke).optional(),
  })
  .refine(
    ({ serial, name, identity, issuer }) =>
      [serial, name, identity, issuer].filter((one) => one !== undefined).length === 1,
    'one of serial, name, identity and issuer',
  );

export const enforcementFields: z.ZodType<RevokeResponse> = z.object({
  serials: z.array(serialText),
  identity: z.string().optional(),
  issuerKey: z.string().optional(),
  number: count,
  enforced: count,
  of: count,
  ms: z.number().min(0),
  unreachable: z.array(z.object({ name: z.string(), leaseEnds: rfc3339Text })),
  closed: count,
  gateways: z
    .object({
      enforced: count,
      of: count,
      ms: z.number().min(0),
      unreachable: z.array(z.object({ name: z.string(), lastHeard: rfc3339Text })),
      closed: z.object({ connections: count, requests: count }),
    })
    .optional(),
});

export const revokeOperation: Operation<RevokeRequest, RevokeResponse> = {
  method: 'POST',
  path: '/v1/revocations',
  summary: 'Revoke, wait for the endpoints, and say where it is in force',
  request: revokeRequest,
  response: enforcementFields,
  responseBytes: largestEnforcementBytes,
};
