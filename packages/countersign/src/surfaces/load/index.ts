/** A load generator for mutual TLS: full handshakes, requests over HTTP/1.1 and 2, raw bytes; closed or open loop, with percentiles. */
export { generateLoad } from './generate-load.ts';
export { LatencyHistogram } from './latency-histogram.ts';
export type { HowToLoad, LoadPace, LoadPlan, LoadTarget, LoadTls, LoadWorkload } from './load-plan.ts';
export type { LoadLatency, LoadProgress, LoadReport } from './load-report.ts';
export { processTimeUs } from './process-time.ts';
