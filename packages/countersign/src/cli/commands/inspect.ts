/** `inspect`: what files hold and servers present, object by object. */
import type { Call } from '../call.ts';
import { cryptoObjects } from '../input/crypto-objects.ts';
import { PassphraseSource } from '../input/passphrase.ts';
import { readInput } from '../input/read-input.ts';
import { describeObjects, type DescribeContext } from '../inspect/describe-object.ts';
import type { Described } from '../inspect/described.ts';
import { describeServer, serverBlocks } from '../inspect/describe-server.ts';
import { objectText, objectTitle } from '../inspect/object-text.ts';
import { lookAtServer, serverOptionsOf } from '../server/look-at-server.ts';
import { serverAddress } from '../server/server-address.ts';

export async function run(call: Call): Promise<number> {
  const { arguments: inputs, options, world, output } = call;
  const passphrases = new PassphraseSource(options.text('passphrase-file'), world);
  const context: DescribeContext = { passphrases, now: world.clock.now() };
  let objects = 0;
  for (const input of inputs) {
    const { described, failure } = await objectsOf(input, call, context);
    for (const [index, object] of described.entries()) {
      if (objects > 0) output.say('');
      show(call, object, { input, index, of: described.length }, context.now);
      objects += 1;
    }
    if (failure === undefined) continue;
    if (failure.place !== undefined) output.hint(`${objects > 0 ? '\n' : ''} ${failure.place}:`);
    throw failure.error;
  }
  output.result({ objects });
  return 0;
}

interface Found {
  readonly described: readonly Described[];
  /** Why the rest was not read; what came before it is shown all the same. */
  readonly failure?: { readonly error: unknown; readonly place: string | undefined };
}

async function objectsOf(input: string, { world, options }: Call, context: DescribeContext): Promise<Found> {
  const address = await serverAddress(input, world);
  const look = address && (await lookAtServer(address, serverOptionsOf(options), world.clock));
  const described: Described[] = look === undefined ? [] : [describeServer(look)];
  const blocks = look === undefined ? cryptoObjects(await readInput(input, world), input) : serverBlocks(look);
  for (const [index, block] of blocks.entries()) {
    try {
      described.push(...(await describeObjects(block, context)));
    } catch (error) {
      const place = `block ${index + 1} of ${blocks.length} in ${input === '-' ? 'stdin' : input}, ${block.label}`;
      return { described, failure: { error, place: blocks.length === 1 ? undefined : place } };
    }
  }
  return { described };
}

interface Place {
  readonly input: string;
  readonly index: number;
  readonly of: number;
}

function show({ output, options }: Call, object: Described, { input, index, of }: Place, now: number): void {
  const place = of === 1 ? '' : `, ${index + 1} of ${of}`;
  const { paint } = output;
  output.say(` ${paint.strong(`${input === '-' ? 'stdin' : input}${place}`)}: ${objectTitle(object)}`);
  const text = objectText(object, { now, whole: options.on('octets') }, paint);
  if (text !== '') output.say(text);
  const { kind, ...fields } = object;
  output.event(kind, { input, index, ...fields });
}
