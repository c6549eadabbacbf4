/** What a gateway is given beside its configuration: its clock, who hears of what it does, and its part where it is one of several. */
import type { Clock } from '../../ground/clock/index.ts';
import type { Refusal } from '../../ground/errors/index.ts';
import type { Remote } from '../../runtime/tls/index.ts';
import type { Verdict } from '../check/index.ts';
import type { HealthChange } from '../upstream/index.ts';
import type { MakeHeaders } from './identity/sent-identity.ts';
import type { HandedRegistry } from './registry/handed-registry.ts';
import type { AccessRecord } from './serving/access.ts';
import type { CheckPlace } from './serving/check-listener.ts';
import type { TrustsOptions } from './trusts/trusts.ts';

export interface GatewayOptions extends TrustsOptions {
  readonly clock: Clock;
  readonly onAccess: (record: AccessRecord) => void;
  readonly onRefusal: (refusal: Refusal, remote: Remote) => void;
  readonly onClosed: (refusal: Refusal, remote: Remote) => void;
  /** How often decisions are written down, milliseconds. Default a minute. */
  readonly evidenceEveryMs?: number;
  readonly headersFor?: MakeHeaders;
  /** What was used of limits could not be written; it is tried again. Default: nobody is told. */
  readonly onLimitsNotKept?: (error: unknown) => void;
  /** One of several on the same port. Then what is used of limits is kept by who started it. */
  readonly worker?: WorkerPart;
  /** A target of an upstream is asked from now on, or no more. */
  readonly onHealth?: (change: HealthChange) => void;
  /** What the check listener told whom. */
  readonly onChecked?: (verdict: Verdict, address: string) => void;
}

/** What a worker is given by the primary. */
export interface WorkerPart {
  readonly port: number | undefined;
  /** Where it has the check listener, which one of the workers has. */
  readonly check: CheckPlace | undefined;
  readonly registry: HandedRegistry;
}
