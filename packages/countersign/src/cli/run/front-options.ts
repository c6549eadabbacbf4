/** What was said of the front: none without `--allow`; where it listens, and which plain port it stands before. */
import { Refusal } from '../../ground/errors/index.ts';
import type { FrontProtocol } from '../../traffic/sidecar/index.ts';
import type { Call } from '../call.ts';
import { freePort } from './free-port.ts';

export interface FrontOptions {
  readonly listen: { readonly host: string; readonly port: number };
  /** The program's plain port: given to it as PORT. */
  readonly port: number;
  /** Whether the program is looked for nowhere else. */
  readonly only: boolean;
  readonly protocol: FrontProtocol;
}

/** The port of the five minutes; nobody registered it with IANA for what would be met on a developer's machine. Own choice. */
const defaultPort = 4000;

export async function frontOptions(call: Call): Promise<FrontOptions | undefined> {
  const { options, world } = call;
  if (options.texts('allow').length === 0) {
    for (const name of ['port', 'listen', 'tcp', 'h2c', 'staple']) requireFront(call, name);
    return undefined;
  }
  const listen = options.address('listen') ?? { host: '127.0.0.1', port: portOf(world.env['PORT']) ?? defaultPort };
  const protocol = protocolOf(call);
  const given = options.text('port');
  if (given === undefined) return { listen, port: await freePort(), only: false, protocol };
  const port = portOf(given);
  if (port === undefined)
    throw new Refusal('CS-USAGE-003', { option: '--port', value: given, expected: 'a port from 1 to 65535' });
  if (port === listen.port)
    throw new Refusal('CS-USAGE-006', {
      given: [`--port ${port}`, `the front's ${listen.host}:${listen.port}`],
      rule: 'the front and the program each need a port: --listen 127.0.0.1:PORT chooses the one of the front',
    });
  return { listen, port, only: true, protocol };
}

function protocolOf({ options }: Call): FrontProtocol {
  const [tcp, h2c] = [options.on('tcp'), options.on('h2c')];
  if (tcp && h2c)
    throw new Refusal('CS-USAGE-006', {
      given: ['--tcp', '--h2c'],
      rule: 'a program speaks one of them: with --tcp bytes go on as they are, with --h2c requests do, and the caller is named',
    });
  if (tcp) return 'tcp';
  return h2c ? 'h2c' : 'http';
}

function requireFront({ options, command }: Call, name: string): void {
  if (!options.given(name)) return;
  throw new Refusal('CS-USAGE-004', {
    missing: `--allow NAME (--${name} is about the front before the program, which needs to know whom to let in)`,
    example: command.examples.find(({ line }) => line.includes('--allow'))?.line ?? '',
  });
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,5}$/.test(text)) return undefined;
  const port = Number(text);
  return port >= 1 && port <= 65_535 ? port : undefined;
}
