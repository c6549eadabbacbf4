/** smallstep's step-ca with its default store and a JWK provisioner, made by `step ca init`. */
import { execFileSync } from 'node:child_process';
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, host, listening } from '../frame/listening.ts';
import type { AbsentSubject } from '../frame/scenario.ts';
import { dnsName, type IssuingProduct, type IssuingServer } from './issuing-server.ts';
import { findProgram, startServer } from '../frame/server-process.ts';

const programs = { step: findProgram('step'), stepCa: findProgram('step-ca') };

export const absentStepCa: AbsentSubject = {
  name: 'step-ca',
  absent:
    'not installed; `CGO_ENABLED=0 go install github.com/smallstep/certificates/cmd/step-ca@latest github.com/smallstep/cli/cmd/step@latest`, each by itself',
};

const provisioner = 'bench';

/** Undefined where it is not installed. */
export const stepCa: IssuingProduct | undefined =
  programs.step === undefined || programs.stepCa === undefined
    ? undefined
    : { name: 'step-ca', start: () => start(programs.step ?? '', programs.stepCa ?? '') };

async function start(step: string, stepCaProgram: string): Promise<IssuingServer> {
  const dir = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
  const port = await freePort();
  const password = join(dir, 'password');
  writeFileSync(password, randomBytes(16).toString('hex'), { mode: 0o600 });
  const env = { STEPPATH: dir, HOME: dir };
  const init =
    `ca init --name bench --dns ${host} --address ${host}:${port} --provisioner ${provisioner} --deployment-type standalone ` +
    `--password-file ${password} --provisioner-password-file ${password}`;
  execFileSync(step, init.split(' '), { env: { ...process.env, ...env }, stdio: 'ignore' });
  const signer = provisionerKey(join(dir, 'config', 'ca.json'));
  const ca = readFileSync(join(dir, 'certs', 'root_ca.crt'), 'utf8');
  const server = startServer(stepCaProgram, [join(dir, 'config', 'ca.json'), '--password-file', password], env);
  await listening('step-ca', port);
  const audience = `https://${host}:${port}/1.0/sign`;
  return {
    port,
    ca,
    cpuUs: () => server.cpuUs(),
    makeTokens: async (count) => Array.from({ length: count }, () => oneTimeToken(signer, audience)),
    enrolment: (token, { pem }) => ({ path: '/1.0/sign', body: JSON.stringify({ csr: pem, ott: token }) }),
    // It makes the next certificate for the key of the connection, and takes no request.
    renewal: () => ({ path: '/1.0/renew', body: '' }),
    chainOf: (answer) => (JSON.parse(answer) as { certChain: string[] }).certChain.join(''),
    close: async () => {
      await server.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

interface Signer {
  readonly key: KeyObject;
  readonly kid: string;
}

/** Puts a key of ours in place of the provisioner's, whose own is under a password that costs each token a second. */
function provisionerKey(file: string): Signer {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = publicKey.export({ format: 'jwk' });
  const kid = createHash('sha256').update(JSON.stringify(jwk)).digest('base64url');
  const config = JSON.parse(readFileSync(file, 'utf8')) as { authority: { provisioners: unknown[] } };
  config.authority.provisioners = [{ type: 'JWK', name: provisioner, key: { ...jwk, use: 'sig', alg: 'ES256', kid } }];
  writeFileSync(file, JSON.stringify(config));
  return { key: privateKey, kid };
}

function oneTimeToken({ key, kid }: Signer, audience: string): string {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    aud: audience,
    iss: provisioner,
    sub: dnsName,
    sans: [dnsName],
    iat: now,
    nbf: now - 30,
    exp: now + 3600,
    jti: randomBytes(16).toString('hex'),
  };
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${encode({ alg: 'ES256', typ: 'JWT', kid })}.${encode(claims)}`;
  const signature = sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${signature.toString('base64url')}`;
}
