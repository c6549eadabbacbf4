/** `POST /v1/profiles/renewals`, on the local socket: who would not get the next certificate under these profiles. */
import { z } from 'zod';

import { profileName, rfc3339Text, serialText } from './fields.ts';
import type { Operation } from './operation.ts';

export interface ProfileRenewalsRequest {
  /** The section `profiles` of a file of settings; absent: those in force. */
  profiles?: Record<string, unknown> | undefined;
}

export interface LostRenewal {
  serial: string;
  names: string[];
  profile: string;
  notAfter: string;
  /** Why it would be refused: the code, its title, and its facts. */
  code: string;
  title: string;
  evidence: Record<string, unknown>;
}

export interface ProfileRenewalsResponse {
  /** Certificates that can still be renewed. */
  checked: number;
  /** How many lines of renewals would end. */
  refused: number;
  /** The newest of each such line, at most a thousand. */
  certificates: LostRenewal[];
}

const count = z.int().min(0);

const lost = z.object({
  serial: serialText,
  names: z.array(z.string()),
  profile: profileName,
  notAfter: rfc3339Text,
  code: z.string(),
  title: z.string(),
  evidence: z.record(z.string(), z.unknown()),
});

/** 4 MiB: a thousand certificates with twenty names of a hundred characters. */
const responseBytes = 4 * 1024 * 1024;

export const profileRenewals: Operation<ProfileRenewalsRequest, ProfileRenewalsResponse> = {
  method: 'POST',
  path: '/v1/profiles/renewals',
  summary: 'Say which certificates could not be renewed under these profiles',
  request: z.strictObject({ profiles: z.record(z.string(), z.unknown()).optional() }),
  response: z.object({ checked: count, refused: count, certificates: z.array(lost).max(1000) }),
  responseBytes,
};
