/** A program behind a gateway, in a process of its own: it answers at once, and at /stream it never ends. Says its port; ends with its input. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const server = createServer((request, response) => {
  request.resume();
  if (request.url === '/stream') response.write('first');
  else response.end('done');
}).listen(0, '127.0.0.1', () => {
  process.stdout.write(`${String((server.address() as AddressInfo).port)}\n`);
});
process.stdin.on('end', () => process.exit(0)).resume();
