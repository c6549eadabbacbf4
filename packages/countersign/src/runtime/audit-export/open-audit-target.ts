/** A receiver by its address: of syslog messages, or an OpenTelemetry collector. */
import type { Clock } from '../../ground/clock/index.ts';
import type { AuditTarget } from './audit-target.ts';
import { otlpTarget } from './otlp-target.ts';
import { datagramTarget, streamTarget } from './syslog-target.ts';
import type { TargetAddress } from './target-address.ts';

export function openAuditTarget(
  address: TargetAddress,
  { clock, hostname }: { clock: Clock; hostname: string },
): AuditTarget {
  switch (address.kind) {
    case 'udp':
      return datagramTarget(address.host, address.port, address.text, hostname);
    case 'tcp':
      return streamTarget({ host: address.host, port: address.port }, address.text, { hostname, clock });
    case 'unix':
      return streamTarget({ path: address.path }, address.text, { hostname, clock });
    case 'otlp':
      return otlpTarget(address.url, clock);
  }
}
