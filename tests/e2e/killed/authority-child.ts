/**
 * The authority as a process that ends itself with SIGKILL: `authority-child.ts DIR PORT [SIGNED-LOG [STEP N]]`. It prints one line of JSON when it serves;
 * a line `STEP N` on its standard input has it die at the Nth time from then on that STEP is passed. Everything that it signs in
 * DER goes to SIGNED-LOG, in hexadecimal, before the signature is made.
 */
import crypto from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { flushCompileCache, syncBuiltinESMExports } from 'node:module';
import { createInterface } from 'node:readline';
import workerThreads, { type WorkerOptions } from 'node:worker_threads';
import { fuse } from './steps.ts';

const [dir = '', port = '0', signedLog = '', fatal = '', times = '1'] = process.argv.slice(2);
const { arm, pass, memory } = fuse();
if (fatal !== '') arm(fatal, Number(times));

// Before anything of the authority is loaded: its threads and its signatures are watched from outside, and its code knows nothing of it.
workerThreads.Worker = class extends workerThreads.Worker {
  constructor(body: string | URL, options: WorkerOptions = {}) {
    const mortal = { body: String(body), memory };
    const data = { ...(options.workerData as object | undefined), mortal };
    super(new URL('./mortal-worker.ts', import.meta.url), { ...options, workerData: data });
  }
};
if (signedLog !== '') {
  const { sign } = crypto;
  crypto.sign = ((...parameters: Parameters<typeof sign>): unknown => {
    const data = parameters[1] as Uint8Array;
    // DER begins with a SEQUENCE; what the feed signs is text.
    if (data[0] === 0x30) appendFileSync(signedLog, `${Buffer.from(data).toString('hex')}\n`);
    const made: unknown = Reflect.apply(sign as (...all: unknown[]) => unknown, crypto, parameters);
    return made;
  }) as typeof sign;
}
syncBuiltinESMExports();

// Loaded after the above, so that it finds what was put in place.
const { openMortalAuthority } = await import('./mortal-authority.ts');
// Lists and the responder, on a port that is another in each run: nothing that a token or a certificate holds.
const settings = { publishing: { listen: '127.0.0.1:0' }, crl: { url: 'http://lists.example' } };
// The witness never acknowledges, so that each revocation of a thousand rounds waits as long.
const enforcementWaitMs = 40;
const server = await openMortalAuthority({ dir, port: Number(port), onStep: pass, settings, enforcementWaitMs });
createInterface({ input: process.stdin }).on('line', (line) => {
  const [step = '', count = '1'] = line.split(' ');
  arm(step, Number(count));
  process.stdout.write('armed\n');
});
process.stdout.write(`${JSON.stringify({ url: server.url, port: server.port, published: server.publishingUrl() })}\n`);
// A process that is killed writes nothing at its end.
flushCompileCache();
