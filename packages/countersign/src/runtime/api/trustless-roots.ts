/**
 * The one request that is made without trusting anybody: `GET /v1/roots` at first contact.
 * Nothing secret is sent, and of the answer only the root whose SHA-256 is pinned is believed, for that alone.
 */
import { longestConnectMs, type Deadline } from './deadline.ts';
import { exchange, type Answer } from './exchange.ts';
import { listRoots, type RootsResponse } from './list-roots.ts';

export async function fetchRootsWithoutTrust(url: string, deadline: Deadline): Promise<Answer<RootsResponse>> {
  const { Agent } = await import('undici');
  const dispatcher = new Agent({
    allowH2: false,
    connections: 1,
    maxCachedSessions: 0,
    connect: {
      // The point of this request: whoever answers, the pin decides. The connection is not used for anything else.
      rejectUnauthorized: false,
      minVersion: 'TLSv1.3',
      maxVersion: 'TLSv1.3',
      timeout: longestConnectMs,
    },
  });
  try {
    return await exchange(listRoots, {}, { dispatcher, url }, deadline, 'stranger');
  } finally {
    await dispatcher.destroy();
  }
}
