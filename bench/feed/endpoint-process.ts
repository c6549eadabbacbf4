/** Some endpoints in one process, as a service has it: each enrolled by a token, following the feed, serving whoever is verified. */
import { openWorkload, type Workload } from 'countersign/agent';
import { allowAnyPeer } from 'countersign/authorization';

/** What the process is told, once. */
export interface Order {
  readonly tokens: readonly string[];
}

/** When all of them serve. */
export interface Ready {
  readonly ports: readonly number[];
}

if (process.send !== undefined) {
  process.once('disconnect', () => process.exit());
  process.once('message', ({ tokens }: Order) => {
    void Promise.all(tokens.map(serve)).then((ports) => process.send?.({ ports } satisfies Ready));
  });
}

async function serve(token: string): Promise<number> {
  const workload: Workload = await openWorkload({ token });
  const server = workload.createServer(
    allowAnyPeer(),
    (request) => void request.resume().on('error', () => undefined),
    // Nobody reads what is told of hundreds of ends.
    { onClosed: () => undefined },
  );
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  return port;
}
