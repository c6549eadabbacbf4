/** `demo`: hands the stage to the demonstration. */
import type { Call } from '../call.ts';
import { runDemo } from '../demo/run-demo.ts';
import { refuseHostileProcess } from '../process/refuse-hostile-process.ts';

export async function run({ output, world }: Call): Promise<number> {
  refuseHostileProcess(world);
  return runDemo(output, world);
}
