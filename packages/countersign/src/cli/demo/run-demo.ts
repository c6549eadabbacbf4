/** The demonstration: an authority, two services under load through their rotations, five strangers, a revocation; nothing is left behind. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { calledAs } from '../called-as.ts';
import type { World } from '../call.ts';
import type { Output } from '../output/output.ts';
import { endingStatus } from '../process/ending.ts';
import { DemoAuthority } from './demo-authority.ts';
import { Stage } from './stage.ts';
import { play } from './play.ts';

/** @returns the exit status: 1 where a request was lost; that of the signal where one ended it early */
export async function runDemo(output: Output, world: World): Promise<number> {
  const closers: (() => Promise<void>)[] = [];
  const ended = world.ending.wait();
  const folder = await mkdtemp(join(tmpdir(), 'countersign-demo-'));
  closers.push(() => rm(folder, { recursive: true, force: true }));
  try {
    const stage = new Stage(output, world.clock);
    stage.opening();
    const playing = start(folder, stage, world, closers);
    const outcome = await Promise.race([playing, ended]);
    if (typeof outcome === 'string') {
      // What is under way fails when its parts are taken away beneath it.
      playing.catch(() => undefined);
      return endingStatus[outcome];
    }
    stage.closing(outcome, `${calledAs(world.env)} up`);
    output.result({ ...outcome });
    return outcome.lost === 0 ? 0 : 1;
  } finally {
    for (const close of closers.reverse()) await close().catch(() => undefined);
  }
}

async function start(
  folder: string,
  stage: Stage,
  { clock }: World,
  closers: (() => Promise<void>)[],
): ReturnType<typeof play> {
  const authority = await DemoAuthority.start(join(folder, 'authority'), clock);
  closers.push(() => authority.close());
  return play({ authority, stage, clock, closers });
}
