/** The audit log on its way to others: syslog messages, OpenTelemetry log records, and what sends them. */
export type { AuditTarget } from './audit-target.ts';
export { type ContinuousExport, exportContinuously } from './export-continuously.ts';
export { openAuditTarget } from './open-audit-target.ts';
export { otlpLogs } from './otlp-logs.ts';
export { type SyslogOrigin, syslogMessage } from './syslog-message.ts';
export { parseTargetAddress, type TargetAddress } from './target-address.ts';
