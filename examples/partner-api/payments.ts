/** The bank's service: plain HTTP, and no word of TLS, certificates or tokens. It answers with what it was told. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const server = createServer((request, response) => {
  if (request.url === '/payments/events') {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: the first of many\n\n');
    return;
  }
  // Names twice are shown twice: nothing is to hide behind what Node joins.
  const headers = Object.entries(request.headersDistinct).flatMap(([name, values = []]) =>
    values.map((value) => ({ name, value })),
  );
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ path: request.url, headers }));
});
server.listen(Number(process.argv[2] ?? 8080), '127.0.0.1', () => {
  console.log(JSON.stringify({ event: 'listening', port: (server.address() as AddressInfo).port }));
});
process.once('SIGTERM', () => process.exit());
