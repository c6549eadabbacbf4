/**
 * The authority as a process that ends itself with SIGKILL: `authority-crash-child.ts DIR PORT`. It prints one line of JSON when it serves; a line
 * `STEP N` on its standard input has it die at the Nth time from then on that issuing passes STEP.
 */
import { createInterface } from 'node:readline';
import { join } from 'node:path';

import { systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { startAuthorityServer } from '../../packages/countersign/src/issuing/server/index.ts';
import { openSqliteStore } from '../../packages/countersign/src/store/sqlite/index.ts';

const [dir = '', port = '0'] = process.argv.slice(2);
let fatal: { step: string; left: number } | undefined;

const stores = await openSqliteStore({ file: join(dir, 'authority.db'), clock: systemClock });
const server = await startAuthorityServer({
  dir,
  stores,
  clock: systemClock,
  listen: { host: '127.0.0.1', port: Number(port) },
  onStep: (step) => {
    if (step !== fatal?.step) return;
    fatal.left--;
    if (fatal.left === 0) process.kill(process.pid, 'SIGKILL');
  },
});
createInterface({ input: process.stdin }).on('line', (line) => {
  const [step = '', count = '1'] = line.split(' ');
  fatal = { step, left: Number(count) };
  process.stdout.write('armed\n');
});
process.stdout.write(`${JSON.stringify({ url: server.url, port: server.port })}\n`);
