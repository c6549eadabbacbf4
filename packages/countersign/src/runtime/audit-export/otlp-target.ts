/** Sends log records to an OpenTelemetry collector: OTLP over HTTP, in JSON. */
import type { Agent } from 'undici';

import { type Clock, sleep } from '../../ground/clock/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import type { AuditTarget } from './audit-target.ts';
import { otlpLogs } from './otlp-logs.ts';
import { notDelivered } from './not-delivered.ts';

/** OTLP 1, "Retryable Response Codes". */
const retryable: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** Then the caller is told; he can begin again where he was. Own choice. */
const pausesMs = [500, 1_000, 2_000] as const;

const longestMs = 10_000;

export function otlpTarget(url: string, clock: Clock): AuditTarget {
  let dispatcher: Agent | undefined;
  const post = async (body: string): Promise<number> => {
    const { Agent, request } = await import('undici');
    dispatcher ??= new Agent({ connect: { timeout: longestMs }, headersTimeout: longestMs, bodyTimeout: longestMs });
    const answer = await request(url, {
      dispatcher,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    const text = await answer.body.text();
    if (answer.statusCode === 200) refuseRejected(url, text);
    return answer.statusCode;
  };
  const postUntilTaken = async (body: string): Promise<void> => {
    let status = await post(body);
    for (const pauseMs of pausesMs) {
      if (!retryable.has(status)) break;
      await sleep(clock, pauseMs);
      status = await post(body);
    }
    if (status !== 200) throw new Refusal('CS-AUDIT-003', { target: url, why: `status ${String(status)}` });
  };
  return {
    send: async (entries) => {
      try {
        await postUntilTaken(JSON.stringify(otlpLogs(entries, clock.now())));
      } catch (error) {
        throw notDelivered(url, error);
      }
    },
    close: async () => dispatcher?.destroy(),
  };
}

/** OTLP 1, "Partial Success": status 200 with a number of records that were not taken. */
function refuseRejected(url: string, text: string): void {
  const { rejected, message } = partialSuccess(text);
  if (rejected > 0)
    throw new Refusal('CS-AUDIT-003', { target: url, why: `${String(rejected)} records rejected: ${message}` });
}

function partialSuccess(text: string): { rejected: number; message: string } {
  try {
    const { partialSuccess: part } = JSON.parse(text) as {
      partialSuccess?: { rejectedLogRecords?: string | number; errorMessage?: string };
    };
    return { rejected: Number(part?.rejectedLogRecords ?? 0), message: part?.errorMessage ?? '' };
  } catch {
    return { rejected: 0, message: '' };
  }
}
