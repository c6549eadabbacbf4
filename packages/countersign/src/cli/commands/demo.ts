/** `demo`: hands the stage to the demonstration. */
import type { Call } from '../call.ts';
import { runDemo } from '../demo/run-demo.ts';

export async function run({ output, world }: Call): Promise<number> {
  return runDemo(output, world);
}
