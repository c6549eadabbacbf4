/** `config diff`: which partners would lose access, and when they called last. */
import { request } from 'node:http';
import { dirname, resolve } from 'node:path';
import { Refusal } from '../../ground/errors/index.ts';
import { accessLost, checkText, type GatewayFile, readConfiguration } from '../../traffic/gateway/index.ts';
import type { Call } from '../call.ts';

interface LastCall {
  readonly partner: string;
  readonly route: string;
  readonly atMs: number;
}

export async function run({ arguments: [oldPath = '', newPath = ''], output, world }: Call): Promise<number> {
  const [before, after] = [await checked(oldPath), await checked(newPath)];
  const problems = [before, after].flatMap((one) => ('problems' in one ? one.problems : []));
  for (const problem of problems) output.refuse(problem);
  if ('problems' in before || 'problems' in after) return problems[0]?.exit ?? 2;
  const { socket } = before.file.admin;
  const calls = socket === undefined ? [] : await lastCalls(resolve(dirname(oldPath), socket));
  const lost = accessLost(before.file, after.file).map((one) => {
    const last = calls.find(({ partner, route }) => partner === one.who && route === one.route);
    return { ...one, lastCallMsAgo: last && world.clock.now() - last.atMs };
  });
  const losing = new Set(lost.map(({ who }) => who)).size;
  for (const { who, route, method, path, code, lastCallMsAgo } of lost) {
    const ago = lastCallMsAgo === undefined ? 'last call not known' : `last call ${agoText(lastCallMsAgo)} ago`;
    output.say(` ${who} (route ${route}, ${method} ${path}): ${code}, ${ago}`);
  }
  output.say(` ${losing} ${losing === 1 ? 'partner' : 'partners'} would lose access`);
  output.result({ losing, lost });
  if (losing === 0) return 0;
  const refusal = new Refusal('CS-GATEWAY-025', { losing });
  output.refuse(refusal);
  return refusal.exit;
}

async function checked(path: string): Promise<{ file: GatewayFile } | { problems: readonly Refusal[] }> {
  return checkText(await readConfiguration(path), path);
}

/** None where no gateway answers there. */
function lastCalls(socketPath: string): Promise<readonly LastCall[]> {
  return new Promise((done) => {
    const asking = request({ socketPath, path: '/last-calls', timeout: 2_000 }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      answer.on('end', () => done(answer.statusCode === 200 ? (JSON.parse(text) as LastCall[]) : []));
    });
    asking.on('timeout', () => asking.destroy());
    asking.on('error', () => done([]));
    asking.end();
  });
}

function agoText(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
