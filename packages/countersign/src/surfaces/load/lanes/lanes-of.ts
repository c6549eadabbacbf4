/** The connections that a plan asks for. */
import { dialler } from '../dial.ts';
import type { LoadPlan } from '../load-plan.ts';
import { BytesLane } from './bytes-lane.ts';
import { HandshakeLane } from './handshake-lane.ts';
import { Http1Lane } from './http1-lane.ts';
import { http1Request } from './http1-request.ts';
import { Http2Lane } from './http2-lane.ts';
import type { Lane } from './lane.ts';

export function lanesOf(plan: LoadPlan): Lane[] {
  const { connections } = plan;
  const make = maker(plan);
  return Array.from({ length: connections }, make);
}

function maker(plan: LoadPlan): () => Lane {
  const { target, workload } = plan;
  const dial = dialler(plan);
  if ('bytes' in workload) return () => new BytesLane(dial, workload.bytes);
  if ('handshakes' in workload) {
    const { handshakes } = workload;
    const request =
      handshakes === 'alone' ? undefined : http1Request(target, { ...handshakes, bodyBytes: 0, kept: false });
    return () => new HandshakeLane(dial, request);
  }
  const { http, ...asked } = workload.requests;
  if (http === 2) return () => new Http2Lane(dial, target, asked);
  const request = http1Request(target, { ...asked, kept: true });
  return () => new Http1Lane(dial, request);
}
