/** `demo`: hands the stage to the demonstration. */
import type { Call } from '../call.ts';
import { runDemo } from '../demo/run-demo.ts';
import { endingStatus } from '../process/ending.ts';
import { refuseHostileProcess } from '../process/refuse-hostile-process.ts';

export async function run({ output, world }: Call): Promise<number> {
  refuseHostileProcess(world);
  const status = await runDemo(output, world);
  return world.ending.asked === 'SIGINT' ? endingStatus.SIGINT : status;
}
