/** Under authorities made by step and step-ca: they certify our issuer, by hand and through the server, and what we issue is taken by step and OpenSSL. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, test } from 'node:test';
import { freePort } from '../fixtures/free-port.ts';
import { temporaryFolder, type Folder } from '../e2e/command.ts';
import { countersign } from '../e2e/here.ts';
import { run, startPeer, type RunningPeer } from './peers.ts';
import { absent, requested, serves, stepCa, stepRun, trustDomain } from './step.ts';

const skip = absent('step');
const noServer = skip === false ? absent('step-ca') : skip;

/** An issuer below an intermediate needs one level more than step's own profiles leave. */
const template = (pathLength: number): string => `{
  "subject": {{ toJson .Subject }},
  ${pathLength === 0 ? '"sans": {{ toJson .SANs }},' : ''}
  "keyUsage": ["certSign", "crlSign"],
  "basicConstraints": { "isCA": true, "maxPathLen": ${pathLength} }
}`;

let folder: Folder;
const running = new Set<RunningPeer>();

beforeEach(async () => {
  folder = await temporaryFolder();
  await writeFile(folder.in('password'), 'password\n', { mode: 0o600 });
  await Promise.all([0, 1, 2].map((length) => writeFile(folder.in(`${length}.tpl`), template(length))));
});
afterEach(async () => {
  for (const peer of running) await peer.stop();
  running.clear();
  await folder.remove();
});

const unprotected = ['--no-password', '--insecure', '--force'];

/** A root under which an intermediate may stand above our issuer. */
async function deepRoot(): Promise<{ root: string; rootKey: string }> {
  const [root, rootKey] = [folder.in('root.crt'), folder.in('root.key')];
  const life = ['--not-after', '87600h', '--template', folder.in('2.tpl')];
  await stepRun(folder, 'certificate', 'create', 'Step Root', root, rootKey, ...life, ...unprotected);
  return { root, rootKey };
}

async function intermediate(
  under: { root: string; rootKey: string },
  certificate: string,
  key: string,
  protection: readonly string[],
): Promise<void> {
  const by = ['--ca', under.root, '--ca-key', under.rootKey, '--not-after', '43800h', '--template', folder.in('1.tpl')];
  await stepRun(folder, 'certificate', 'create', 'Step Intermediate', certificate, key, ...by, ...protection);
}

test('an issuer under an intermediate made by step', { skip }, async () => {
  const top = await deepRoot();
  const [middle, middleKey] = [folder.in('middle.crt'), folder.in('middle.key')];
  await intermediate(top, middle, middleKey, unprotected);
  const { dir, request } = await requested(folder);
  const shape = ['--template', folder.in('0.tpl'), '--not-after', '8760h'];
  const answer = folder.in('issuer.crt');
  await writeFile(answer, await stepRun(folder, 'certificate', 'sign', request, middle, middleKey, ...shape));
  const warnings = await serves(folder, dir, [answer, middle], top.root, 3);
  assert.deepEqual(warnings, [], 'step keeps the URI of the request');
});

async function initialized(port: number, ...more: string[]): Promise<void> {
  const passwords = ['--password-file', folder.in('password'), '--provisioner-password-file', folder.in('password')];
  const names = ['--name', 'Corp', '--dns', 'localhost', '--provisioner', 'admin'];
  const place = ['--deployment-type', 'standalone', '--address', `127.0.0.1:${port}`];
  await stepRun(folder, 'ca', 'init', ...place, ...names, ...passwords, ...more);
}

test('directly under the root of `step ca init`, by the profile for intermediates', { skip }, async () => {
  await initialized(443);
  const root = folder.in('step/certs/root_ca.crt');
  const { dir, request } = await requested(folder);
  const by = [request, root, folder.in('step/secrets/root_ca_key'), '--password-file', folder.in('password')];
  const answer = folder.in('issuer.crt');
  await writeFile(answer, await stepRun(folder, 'certificate', 'sign', '--profile', 'intermediate-ca', ...by));
  const warnings = await serves(folder, dir, [answer], root, 2);
  assert.match(String(warnings), /does not name spiffe:\/\/corp\.internal/, "step's profile drops the URI");
});

test("under `step ca init`'s own intermediate nothing can stand, and we say so", { skip }, async () => {
  await initialized(443);
  const root = folder.in('step/certs/root_ca.crt');
  const middle = folder.in('step/certs/intermediate_ca.crt');
  const { dir, request } = await requested(folder);
  const by = [request, middle, folder.in('step/secrets/intermediate_ca_key')];
  const shape = ['--template', folder.in('0.tpl'), '--password-file', folder.in('password')];
  const answer = folder.in('issuer.crt');
  await writeFile(answer, await stepRun(folder, 'certificate', 'sign', ...by, ...shape));
  const taken = await countersign(['authority', 'import', answer, middle, '--anchor', root, '--dir', dir, '--json']);
  assert.deepEqual([taken.status, taken.result['code']], [1, 'CS-ISSUER-003'], taken.err);
});

/** The server, with a provisioner whose template makes issuers. @returns its address */
async function server(under: { root: string; rootKey: string }): Promise<string> {
  const port = await freePort();
  await initialized(port, '--root', under.root, '--key', under.rootKey);
  const own = [folder.in('step/certs/intermediate_ca.crt'), folder.in('step/secrets/intermediate_ca_key')] as const;
  await intermediate(under, ...own, ['--password-file', folder.in('password'), '--force']);
  const config = folder.in('step/config/ca.json');
  await stepRun(
    folder,
    ...['ca', 'provisioner', 'add', 'issuers', '--type', 'JWK', '--create', '--password-file', folder.in('password')],
    ...['--x509-template', folder.in('0.tpl'), '--x509-max-dur', '17520h', '--x509-default-dur', '8760h'],
    ...['--ca-config', config],
  );
  running.add(
    await startPeer(
      stepCa ?? 'step-ca',
      [config, '--password-file', folder.in('password')],
      /Serving HTTPS on .*:(\d+)/,
    ),
  );
  return `https://localhost:${port}`;
}

test(
  'an issuer certified by a running step-ca, by a provisioner with a template for issuers',
  { skip: noServer },
  async () => {
    const under = await deepRoot();
    const where = ['--ca-url', await server(under), '--root', under.root];
    const { dir, request } = await requested(folder);
    const subject = await run('openssl', ['req', '-in', request, '-noout', '-subject', '-nameopt', 'multiline']);
    const name = /commonName\s*= (.*)/.exec(subject.out)?.[1] ?? '';
    const secret = ['--provisioner', 'issuers', '--provisioner-password-file', folder.in('password')];
    const token = await stepRun(folder, 'ca', 'token', name, '--san', `spiffe://${trustDomain}`, ...secret, ...where);
    const answer = folder.in('issuer.crt');
    await stepRun(folder, 'ca', 'sign', request, answer, '--token', token.trim(), ...where);
    assert.deepEqual(await serves(folder, dir, [answer], under.root, 3), []);
  },
);
