/** The process of the plain server that generators are compared on: `node plain-process.ts PORT 1|2 BUSY_US`; each request costs it BUSY_US. */
import { createServer } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';

const [, , port = '0', version = '1', busyUs = '0'] = process.argv;

function work(): void {
  const end = process.hrtime.bigint() + BigInt(busyUs) * 1000n;
  while (process.hrtime.bigint() < end);
}

const server =
  version === '2'
    ? createHttp2Server((_request, response) => {
        work();
        response.end('ok');
      })
    : createServer((_request, response) => {
        work();
        response.end('ok');
      });
server.listen(Number(port), '127.0.0.1');
