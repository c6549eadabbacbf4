/** A long-running program of somebody else that does what the library asks of one: it refuses a hostile environment before anything else. */
import { isRefusal, toCommandText } from '../../packages/countersign/src/ground/errors/index.ts';
import { refuseHostileEnvironment } from '../../packages/countersign/src/runtime/tls/index.ts';

try {
  refuseHostileEnvironment(process.env, process.execArgv);
} catch (error) {
  if (!isRefusal(error)) throw error;
  process.stderr.write(`${toCommandText(error)}\n`);
  process.exit(error.exit);
}
process.stdout.write('ready\n');
setInterval(() => undefined, 60_000);
