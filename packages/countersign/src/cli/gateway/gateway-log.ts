/** What a gateway tells of itself: a line of JSON for each request and each thing that happens. */
import { toRfc3339 } from '../../ground/clock/index.ts';
import { printable, type Refusal, toCommandText } from '../../ground/errors/index.ts';
import type { Metrics } from '../../runtime/telemetry/index.ts';
import type { GatewayOptions } from '../../traffic/gateway/index.ts';
import type { Call } from '../call.ts';
import { feedWarning } from '../run/feed-warning.ts';
import { UnwrittenLines } from './unwritten-lines.ts';

export interface GatewayLog {
  readonly say: (event: string, fields: Readonly<Record<string, unknown>>) => void;
  readonly refused: (refusal: Refusal) => void;
  readonly problems: (problems: readonly Refusal[]) => void;
  readonly observe: (metrics: Metrics) => void;
  readonly ofGateway: Pick<
    GatewayOptions,
    'clock' | 'onRefusal' | 'onClosed' | 'onAccess' | 'onChecked' | 'onWarning' | 'onFeedEvent' | 'onHealth'
  > & {
    readonly onLimitsNotKept: (error: unknown) => void;
  };
}

export function gatewayLog({ output, world: { clock } }: Call): GatewayLog {
  const say: GatewayLog['say'] = (event, fields) => {
    const time = toRfc3339(clock.now());
    // With --json the lines have the form of every command's; without it they are the log.
    if (output.json) output.event(event, { time, ...fields });
    else output.say(JSON.stringify({ time, event, ...fields }));
  };
  const refused = ({ code, title, evidence }: Refusal): void => say('refused', { code, title, evidence });
  const unwritten = new UnwrittenLines(output, (lines) => say('lines not written', { lines }));
  return {
    say,
    refused,
    observe: (metrics) => unwritten.observe(metrics),
    problems: (problems) => problems.forEach((problem) => output.hint(toCommandText(problem))),
    ofGateway: {
      clock,
      onRefusal: refused,
      onWarning: ({ code, title, evidence }) => say('warning', { code, title, evidence }),
      onHealth: (change) => say('target', { ...change }),
      onFeedEvent: (trustDomain, event) => {
        const warning = feedWarning(event);
        if (warning !== undefined) say('warning', { trustDomain, ...warning });
        if (event.type === 'applied' && event.closed > 0) {
          const { number, closed } = event;
          say('enforced', { trustDomain, number, closed });
        }
      },
      onClosed: ({ code, title, evidence }) => say('closed', { code, title, evidence }),
      onChecked: (verdict, address) => {
        if (unwritten.mayWrite()) say('checked', { address, ...verdict });
      },
      onAccess: ({ atMs: _, path: asked, method, ...rest }) => {
        // Who reads the log too slowly loses lines of it, and nothing else waits for him.
        if (unwritten.mayWrite()) say('request', { ...rest, method: printable(method), path: printable(asked) });
      },
      onLimitsNotKept: (error) =>
        say('limits not kept', { reason: error instanceof Error ? error.message : 'not known' }),
    },
  };
}
