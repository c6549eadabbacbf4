/** Lines of the log that were left out because its reader is too far behind: counted, and told of in the log once it goes on. */
import type { Metrics } from '../../runtime/telemetry/index.ts';
import type { Output } from '../output/output.ts';

export class UnwrittenLines {
  readonly #output: Pick<Output, 'behind'>;
  readonly #onGoesOn: (lines: number) => void;
  #lines = 0;
  #total = 0;

  /** @param onGoesOn told how many were left out since it was told last, ahead of the next line */
  constructor(output: Pick<Output, 'behind'>, onGoesOn: (lines: number) => void) {
    this.#output = output;
    this.#onGoesOn = onGoesOn;
  }

  /** Asked once for each line; where not, it counts as left out. */
  mayWrite(): boolean {
    if (this.#output.behind) {
      this.#lines += 1;
      this.#total += 1;
      return false;
    }
    if (this.#lines > 0) {
      const lines = this.#lines;
      this.#lines = 0;
      this.#onGoesOn(lines);
    }
    return true;
  }

  observe(metrics: Metrics): void {
    const counter = metrics.counter({
      name: 'countersign_gateway_log_lines_not_written',
      help: 'Lines of requests and checks that were left out because the reader of the log is too far behind.',
    });
    metrics.beforeRead(() => counter.setTotal({}, this.#total));
  }
}
