/** The plan that was typed. */
import { Refusal } from '../../ground/errors/index.ts';
import type { LoadPlan, LoadTls, LoadWorkload } from '../../surfaces/load/index.ts';
import type { Call } from '../call.ts';
import type { OptionValues } from '../option-values.ts';
import { parseAddress } from '../parse-arguments.ts';
import { countOption } from './count-option.ts';

const defaultConnections = 16;
const defaultMs = 10_000;
const defaultChunkBytes = 16_384;

/** What one machine can hold: ports of one address, memory of one buffer. */
const mostConnections = 60_000;
const mostRate = 1_000_000;
const mostBytes = 64 * 1024 * 1024;
const mostOperations = 1_000_000_000;

/** proc(5), pid_max. */
const mostPid = 2 ** 22;

/** All but whose certificate is presented: so what was typed wrongly is refused before one is issued. */
export function planOf({ options, arguments: [server = ''] }: Call): (tls: LoadTls | 'none') => LoadPlan {
  const address = parseAddress(server);
  if (address === undefined || address.port === 0)
    throw new Refusal('CS-USAGE-003', { option: 'HOST:PORT', value: server, expected: 'HOST:PORT: localhost:8443' });
  const servername = options.text('servername');
  const operations = countOption(options, 'operations', 1, mostOperations);
  const rate = countOption(options, 'rate', 1, mostRate);
  const groups = options.text('groups');
  const cpuOf = countOption(options, 'cpu-of', 1, mostPid);
  const timeoutMs = options.milliseconds('timeout');
  const plan = {
    workload: workloadOf(options),
    connections: countOption(options, 'connections', 1, mostConnections) ?? defaultConnections,
    pace: rate === undefined ? ({ closed: true } as const) : { perSecond: rate },
    ...extentOf(options.milliseconds('duration'), operations),
    ...(groups === undefined ? {} : { groups }),
    ...(options.text('min-version') === '1.2' ? ({ minVersion: 'TLSv1.2' } as const) : {}),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(cpuOf === undefined ? {} : { cpuOf }),
  };
  return (tls) => ({ ...plan, target: { tls, ...address, ...(servername === undefined ? {} : { servername }) } });
}

/** A number of operations alone takes as long as it takes. */
function extentOf(forMs: number | undefined, operations: number | undefined): Pick<LoadPlan, 'forMs' | 'operations'> {
  if (operations === undefined) return { forMs: forMs ?? defaultMs };
  return forMs === undefined ? { operations } : { operations, forMs };
}

function workloadOf(options: OptionValues): LoadWorkload {
  const path = options.text('path') ?? '/';
  // What would end the request's line does not belong into it.
  if (!/^\/[\x21-\x7e]*$/.test(path))
    throw new Refusal('CS-USAGE-003', { option: '--path', value: path, expected: 'a path that begins with /' });
  switch (options.text('load')) {
    case 'requests':
      return {
        requests: {
          http: options.text('http') === '2' ? 2 : 1,
          path,
          bodyBytes: countOption(options, 'body-bytes', 0, mostBytes) ?? 0,
        },
      };
    case 'bytes':
      return { bytes: countOption(options, 'chunk-bytes', 1, mostBytes) ?? defaultChunkBytes };
    default:
      return { handshakes: options.on('without-request') ? 'alone' : { path } };
  }
}
