/** The process of the bare server: `node bare-process.ts PORT FOLDER`, which sends what FOLDER holds to whoever asks. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

const [, , port = '0', folder = '.'] = process.argv;
const body = readFileSync(join(folder, 'answer.der'));
const headers = JSON.parse(readFileSync(join(folder, 'headers.json'), 'utf8')) as Record<string, string>;

createServer((_request, response) => {
  response.writeHead(200, headers);
  response.end(body);
}).listen(Number(port), '127.0.0.1');
