/** `inspect`: what files hold and servers present, object by object. */
import type { PemBlock } from '../../ground/encoding/index.ts';
import { isRefusal, printable } from '../../ground/errors/index.ts';
import type { Call } from '../call.ts';
import { cryptoObjects } from '../input/crypto-objects.ts';
import { PassphraseSource } from '../input/passphrase.ts';
import { readInput } from '../input/read-input.ts';
import type { DescribeContext } from '../inspect/describe-context.ts';
import { describeObjects } from '../inspect/describe-object.ts';
import type { Described } from '../inspect/described.ts';
import { describeServer, serverBlocks } from '../inspect/describe-server.ts';
import { withIssuers } from '../inspect/issued-by.ts';
import { objectText, objectTitle } from '../inspect/object-text.ts';
import { lookAtServer, serverOptionsOf } from '../server/look-at-server.ts';
import { hintAtAddress } from '../server/hint-at-address.ts';
import { serverAddress } from '../server/server-address.ts';
import { columns, wrap } from '../text/wrap.ts';

export async function run(call: Call): Promise<number> {
  const { arguments: inputs, options, world, output } = call;
  const passphrases = new PassphraseSource(options.text('passphrase-file'), world);
  const context = { passphrases, now: world.clock.now() };
  let objects = 0;
  let failed = 0;
  let status = 0;
  for (const input of inputs) {
    const { described, failure } = await objectsOf(input, call, { ...context, seen: [] });
    for (const [index, object] of described.entries()) {
      if (objects > 0) output.say('');
      show(call, object, { input, index, of: described.length }, context.now);
      objects += 1;
    }
    if (failure === undefined) continue;
    const { error, place } = failure;
    if (place !== undefined)
      output.hint(`${objects > 0 ? '\n' : ''} ${wrap(`${printable(place)}:`, columns - 1).join('\n ')}`);
    // One alone, or an interrupt, ends the command as any refusal does; of several the others are still shown.
    if (inputs.length === 1 || !isRefusal(error) || world.ending.asked !== undefined) throw error;
    output.refuse(error, { input });
    failed += 1;
    status ||= error.exit;
  }
  output.result({ objects, ...(failed === 0 ? {} : { failed }) });
  return status;
}

interface Found {
  readonly described: readonly Described[];
  /** Why the rest was not read; what came before it is shown all the same. */
  readonly failure?: { readonly error: unknown; readonly place: string | undefined };
}

async function objectsOf(input: string, call: Call, context: DescribeContext): Promise<Found> {
  const described: Described[] = [];
  const many = call.arguments.length > 1;
  let place = many ? nameOf(input) : undefined;
  try {
    const { blocks, server } = await blocksOf(input, call);
    if (server !== undefined) described.push(server);
    for (const [index, block] of blocks.entries()) {
      if (blocks.length > 1) place = `block ${index + 1} of ${blocks.length} in ${nameOf(input)}, ${block.label}`;
      described.push(...(await describeObjects(block, context)));
    }
    return { described: withIssuers(described, context.seen) };
  } catch (error) {
    return { described: withIssuers(described, context.seen), failure: { error, place } };
  }
}

interface Blocks {
  readonly blocks: readonly PemBlock[];
  readonly server?: Described;
}

async function blocksOf(input: string, { world, options, output }: Call): Promise<Blocks> {
  const address = await serverAddress(input, world);
  if (address !== undefined) {
    const look = await lookAtServer(address, serverOptionsOf(options), world.clock);
    return { blocks: serverBlocks(look), server: describeServer(look) };
  }
  try {
    return { blocks: cryptoObjects(await readInput(input, world), input) };
  } catch (error) {
    hintAtAddress(input, error, output);
    throw error;
  }
}

function nameOf(input: string): string {
  return input === '-' ? 'stdin' : input;
}

interface Place {
  readonly input: string;
  readonly index: number;
  readonly of: number;
}

function show({ output, options }: Call, object: Described, { input, index, of }: Place, now: number): void {
  const place = of === 1 ? '' : `, ${index + 1} of ${of}`;
  const { paint } = output;
  output.say(` ${paint.strong(`${printable(nameOf(input))}${place}`)}: ${objectTitle(object)}`);
  const text = objectText(object, { now, whole: options.on('octets') }, paint);
  if (text !== '') output.say(text);
  const { kind, ...fields } = object;
  output.event(kind, { input, index, ...fields });
}
