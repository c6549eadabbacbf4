/** `inspect`: what files hold, object by object. */
import type { Call } from '../call.ts';
import { cryptoObjects } from '../input/crypto-objects.ts';
import { readInput } from '../input/read-input.ts';
import { describeObject } from '../inspect/describe-object.ts';
import { objectText, objectTitle } from '../inspect/object-text.ts';

export async function run({ arguments: files, output, world }: Call): Promise<number> {
  let objects = 0;
  for (const name of files) {
    const blocks = cryptoObjects(await readInput(name, world), name);
    for (const [index, block] of blocks.entries()) {
      const described = describeObject(block);
      const { kind, ...fields } = described;
      const place = blocks.length === 1 ? '' : `, ${index + 1} of ${blocks.length}`;
      if (objects > 0) output.say('');
      output.say(` ${output.paint.strong(`${name === '-' ? 'stdin' : name}${place}`)}: ${objectTitle(described)}`);
      output.say(objectText(described, world.clock.now()));
      output.event(kind, { input: name, index, ...fields });
      objects += 1;
    }
  }
  output.result({ objects });
  return 0;
}
