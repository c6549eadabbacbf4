/** The floor: bare node:https or node:http2 with our options, and the cheapest way on. `node floor-process.ts FOLDER PORT UPSTREAM-PORT [h2]`. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createSecureServer, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { createServer } from 'node:https';
import { bareOptions } from '../servers/bare-options.ts';
import { bareRelay } from './bare-relay.ts';

const [, , folder = '.', port = '0', upstream = '0', protocol] = process.argv;
const onward = bareRelay('127.0.0.1', Number(upstream));
const options = bareOptions(folder);
const server =
  protocol === 'h2'
    ? createSecureServer(options).on('stream', overHttp2)
    : createServer({ ...options, ALPNProtocols: ['http/1.1'], noDelay: true, keepAliveTimeout: 60_000 }, overHttp1);
server.listen(Number(port), '127.0.0.1');

function overHttp1({ method = '', url = '', rawHeaders }: IncomingMessage, response: ServerResponse): void {
  let head = `${method} ${url} HTTP/1.1\r\n`;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (name.toLowerCase() !== 'connection') head += `${name}: ${rawHeaders[at + 1] ?? ''}\r\n`;
  }
  onward(`${head}\r\n`, (status, headers, body) => {
    response.writeHead(status, [...headers]);
    response.end(body, 'latin1');
  });
}

function overHttp2(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
  let head = `${headers[':method'] ?? ''} ${headers[':path'] ?? ''} HTTP/1.1\r\nhost: ${headers[':authority'] ?? ''}\r\n`;
  for (const [name, value] of Object.entries(headers))
    if (!name.startsWith(':')) head += `${name}: ${String(value)}\r\n`;
  onward(`${head}\r\n`, (status, raw, body) => {
    // As a list, of which Node copies nothing.
    stream.respond([':status', String(status), ...raw]);
    stream.end(body, 'latin1');
  });
}
