/** Cloudflare's cfssl, serving HTTPS: it signs for whoever sends a request under an HMAC of a shared key, and keeps no record. */
import { execFileSync } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, host, listening } from '../frame/listening.ts';
import type { Scenario } from '../frame/scenario.ts';
import { findProgram, startServer } from '../frame/server-process.ts';
import { callers } from './beside-step-ca.ts';
import { dnsName, enrolling, type EnrollingProduct, type EnrollingServer } from './issuing-server.ts';

const program = findProgram('cfssl');

const absentCfssl = {
  name: 'cfssl',
  absent: 'not installed; `CGO_ENABLED=0 go install github.com/cloudflare/cfssl/cmd/cfssl@latest`',
};

/** Undefined where it is not installed. */
const cfssl: EnrollingProduct | undefined =
  program === undefined ? undefined : { name: 'cfssl', start: () => start(program) };

/** What it leaves out that the others do is cheaper, so no goal is set by it. */
export const cfsslNotes: readonly string[] =
  cfssl === undefined
    ? []
    : [
        'cfssl: neither durable nor one-time: without a database it keeps no record, and its token is an HMAC of the request under one shared key',
      ];

/** It knows no renewal: a first certificate is all that it gives. */
export function besideCfssl(kept: boolean): Required<Pick<Scenario, 'subjects' | 'absent'>> {
  if (cfssl === undefined) return { subjects: [], absent: [absentCfssl] };
  return { subjects: callers.map((count) => enrolling(cfssl, { callers: count, kept })), absent: [] };
}

async function start(command: string): Promise<EnrollingServer> {
  const dir = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
  const port = await freePort();
  const key = randomBytes(32);
  const files = writeFiles(command, dir, key);
  const args =
    `serve -address ${host} -port ${String(port)} -ca ${files.ca.cert} -ca-key ${files.ca.key} -config ${files.config} ` +
    `-tls-cert ${files.server.cert} -tls-key ${files.server.key} -loglevel 4`;
  const server = startServer(command, args.split(' '), { HOME: dir });
  await listening('cfssl', port);
  return {
    port,
    ca: files.ca.pem,
    cpuUs: () => server.cpuUs(),
    // There are none to be made: what opens the door is made of the request.
    makeTokens: async (count) => Array.from({ length: count }, () => ''),
    enrolment: (_, { pem }) => ({ path: '/api/v1/cfssl/authsign', body: authenticated(key, pem) }),
    chainOf: (answer) => (JSON.parse(answer) as { result: { certificate: string } }).result.certificate,
    close: async () => {
      await server.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function authenticated(key: Buffer, pem: string): string {
  const request = Buffer.from(JSON.stringify({ certificate_request: pem, hosts: [dnsName] }));
  const token = createHmac('sha256', key).update(request).digest('base64');
  return JSON.stringify({ token, request: request.toString('base64') });
}

interface KeyPair {
  readonly cert: string;
  readonly key: string;
  /** The certificate. */
  readonly pem: string;
}

/** Keys of P-256 and certificates of a day, as the others have them. */
function writeFiles(
  command: string,
  dir: string,
  key: Buffer,
): { readonly ca: KeyPair; readonly server: KeyPair; readonly config: string } {
  const write = (name: string, contents: string): string => {
    const path = join(dir, name);
    writeFileSync(path, contents, { mode: 0o600 });
    return path;
  };
  const made = (name: string, request: object, ...args: readonly string[]): KeyPair => {
    const asked = write(`${name}.json`, JSON.stringify({ ...request, key: { algo: 'ecdsa', size: 256 } }));
    const answer = execFileSync(command, ['gencert', ...args, asked], { stdio: ['ignore', 'pipe', 'ignore'] });
    const { cert, key: pem } = JSON.parse(answer.toString()) as { cert: string; key: string };
    return { cert: write(`${name}.pem`, cert), key: write(`${name}-key.pem`, pem), pem: cert };
  };
  const usages = ['digital signature', 'server auth', 'client auth'];
  const profile = { usages, expiry: '24h' };
  const open = write('open.json', JSON.stringify({ signing: { default: profile } }));
  const ca = made('ca', { CN: 'bench' }, '-initca');
  const server = made('server', { CN: host, hosts: [host] }, ...['-ca', ca.cert, '-ca-key', ca.key, '-config', open]);
  const config = write(
    'config.json',
    JSON.stringify({
      signing: { default: { ...profile, auth_key: 'bench' } },
      auth_keys: { bench: { type: 'standard', key: key.toString('hex') } },
    }),
  );
  return { ca, server, config };
}
