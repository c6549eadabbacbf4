/** `POST /v1/snapshots`, on the local socket: the database as it is now, in a file of the state directory that the caller removes. */
import { z } from 'zod';

import { rfc3339Text } from './fields.ts';
import { empty, type Empty, type Operation } from './operation.ts';

export interface SnapshotResponse {
  /** In the state directory. */
  file: string;
  /** When it was asked for: all that was done before is in it. */
  createdAt: string;
}

export const takeSnapshotOperation: Operation<Empty, SnapshotResponse> = {
  method: 'POST',
  path: '/v1/snapshots',
  summary: 'Copy the database as it is now, for a backup',
  request: empty,
  response: z.object({ file: z.string().regex(/^\.snapshot-[0-9a-f]{16}\.db$/), createdAt: rfc3339Text }),
};
