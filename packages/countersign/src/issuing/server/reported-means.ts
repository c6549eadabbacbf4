/** What endpoints have told of the lists and responders that they ask: in memory alone, since each tells again on a new stream. */
import type { StatusReport } from '../../runtime/api/index.ts';
import type { EndpointRecord } from './endpoint-register.ts';

type EndpointName = Pick<EndpointRecord, 'spiffeId' | 'endpoint'>;

/** Of one identity: a report is up to 10 KB, and what is beyond is not shown. Own choice: ten times the replicas of a large service. */
const mostOfOneIdentity = 1_000;

export class ReportedMeans {
  readonly #reports = new Map<string, Map<string, StatusReport>>();

  /** One without sources ends what was told before; `undefined` says that nothing has changed. */
  take(name: EndpointName, report: StatusReport | undefined): void {
    if (report === undefined) return;
    if (report.sources.length === 0) {
      this.drop(name);
      return;
    }
    const { spiffeId, endpoint } = name;
    const own = this.#reports.get(spiffeId) ?? new Map<string, StatusReport>();
    if (!own.has(endpoint) && own.size >= mostOfOneIdentity) return;
    own.set(endpoint, report);
    this.#reports.set(spiffeId, own);
  }

  of({ spiffeId, endpoint }: EndpointName): StatusReport | undefined {
    return this.#reports.get(spiffeId)?.get(endpoint);
  }

  drop({ spiffeId, endpoint }: EndpointName): void {
    const own = this.#reports.get(spiffeId);
    if (own?.delete(endpoint) === true && own.size === 0) this.#reports.delete(spiffeId);
  }
}
