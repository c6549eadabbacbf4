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

/** One of `serial` and `name`; a name revokes every certificate that carries it and has not expired. */
export interface RevokeRequest {
  serial?: string | undefined;
  name?: string | undefined;
  /** Default unspecified. */
  reason?: ReasonToRevoke | undefined;
}

export interface UnreachableEndpoint {
  /** The endpoint's own certificate's name. */
  name: string;
  /** Until when it may still accept what was revoked. */
  leaseEnds: string;
}

export interface RevokeResponse {
  serials: string[];
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
}

const count = z.int().min(0);

/** 64 MiB: a million serials, or ten identities with all the endpoints that they may have. It comes from our own authority, over its own socket. */
const responseBytes = 64 * 1024 * 1024;

export const revokeOperation: Operation<RevokeRequest, RevokeResponse> = {
  method: 'POST',
  path: '/v1/revocations',
  summary: 'Revoke, wait for the endpoints, and say where it is in force',
  request: z
    .strictObject({
      serial: serialText.optional(),
      name: subjectName.optional(),
      reason: z.enum(reasonsToRevoke).optional(),
    })
    .refine((body) => (body.serial === undefined) !== (body.name === undefined), 'one of serial and name'),
  response: z.object({
    serials: z.array(serialText),
    number: count,
    enforced: count,
    of: count,
    ms: z.number().min(0),
    unreachable: z.array(z.object({ name: z.string(), leaseEnds: rfc3339Text })),
    closed: count,
  }),
  responseBytes,
};
