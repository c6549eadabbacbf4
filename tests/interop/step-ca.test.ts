/** Under an authority made by step (the command of step-ca): its intermediate certifies our issuer, and what we issue is taken by step and OpenSSL. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { countersign, startAuthority, temporaryFolder, type Folder } from '../e2e/command.ts';
import { missing, run } from './peers.ts';

/** On PATH, or where `go install` puts it. */
const step = ['step', join(homedir(), 'go/bin/step')].find((path) => spawnSync(path, ['version']).status === 0);

function absent(): string | false {
  if (step !== undefined) return missing('openssl');
  const reason = 'step is not installed: nothing was shown of an issuer under an authority of step-ca';
  process.stderr.write(`SKIPPED: ${reason}\n`);
  return reason;
}

const skip = absent();

/** An issuer below an intermediate needs one level more than step's own profiles leave. */
const template = (pathLength: number): string => `{
  "subject": {{ toJson .Subject }},
  ${pathLength === 0 ? '"sans": {{ toJson .SANs }},' : ''}
  "keyUsage": ["certSign", "crlSign"],
  "basicConstraints": { "isCA": true, "maxPathLen": ${pathLength} }
}`;

async function stepRun(folder: Folder, ...args: string[]): Promise<string> {
  const { status, out, err } = await run(step ?? 'step', args);
  assert.equal(status, 0, `step ${args.join(' ')}: ${err}${out}`);
  return folder.path;
}

test('an issuer under the intermediate of step-ca', { skip }, async () => {
  const folder = await temporaryFolder();
  try {
    await writeFile(folder.in('password'), 'password\n', { mode: 0o600 });
    await writeFile(folder.in('issuer.tpl'), template(0));
    await writeFile(folder.in('intermediate.tpl'), template(1));
    await writeFile(folder.in('root.tpl'), template(2));
    const made = ['--no-password', '--insecure', '--force'];
    const [root, rootKey] = [folder.in('root.crt'), folder.in('root.key')];
    await stepRun(
      folder,
      'certificate',
      'create',
      'Step Root',
      root,
      rootKey,
      '--not-after',
      '87600h',
      '--template',
      folder.in('root.tpl'),
      ...made,
    );
    const [middle, middleKey] = [folder.in('middle.crt'), folder.in('middle.key')];
    const by = ['--ca', root, '--ca-key', rootKey, '--not-after', '43800h'];
    await stepRun(
      folder,
      ...['certificate', 'create', 'Step Intermediate', middle, middleKey, ...by],
      ...['--template', folder.in('intermediate.tpl'), ...made],
    );

    const [dir, request, answer] = [folder.in('state'), folder.in('issuer.csr'), folder.in('issuer.crt')];
    const trust = ['--trust-domain', 'corp.internal', '--dir', dir, '--out', request];
    assert.equal((await countersign(['authority', 'create', '--issuer', ...trust])).status, 0);
    const { status, out, err } = await run(step ?? 'step', [
      ...['certificate', 'sign', request, middle, middleKey, '--template', folder.in('issuer.tpl')],
      ...['--not-after', '8760h'],
    ]);
    assert.equal(status, 0, err);
    await writeFile(answer, out);
    const taken = await countersign(['authority', 'import', answer, middle, '--anchor', root, '--dir', dir, '--json']);
    assert.equal(taken.status, 0, taken.err);
    assert.deepEqual(taken.result['warnings'], [], 'step keeps the URI of the request');

    const authority = await startAuthority(dir);
    try {
      const web = folder.in('web');
      const issued = await countersign(['issue', 'web.corp.internal', '--dir', dir, '--out', web, '--json']);
      assert.equal(issued.status, 0, issued.err);
      assert.equal((await readFile(join(web, 'cert.pem'), 'utf8')).match(/BEGIN CERT/g)?.length, 3);
      await stepRun(
        folder,
        'certificate',
        'verify',
        join(web, 'cert.pem'),
        '--roots',
        root,
        '--host',
        'web.corp.internal',
      );
      const chain = ['-untrusted', join(web, 'cert.pem'), join(web, 'cert.pem')];
      const verified = await run('openssl', ['verify', '-x509_strict', '-CAfile', root, ...chain]);
      assert.match(verified.out, /: OK/, verified.err);
      if (missing('curl') !== false) return;
      const as = ['--cert', join(web, 'cert.pem'), '--key', join(web, 'key.pem')];
      const asked = await run('curl', ['-sS', '--cacert', root, ...as, `${authority.url}/v1/whoami`]);
      assert.match(asked.out, /spiffe:\/\/corp\.internal\/web\.corp\.internal/, asked.err);
    } finally {
      await authority.stop();
    }
  } finally {
    await folder.remove();
  }
});

test('what step signs with its profile for intermediates alone, under a root of path length 1', { skip }, async () => {
  const folder = await temporaryFolder();
  try {
    const made = ['--no-password', '--insecure', '--force'];
    const [root, rootKey] = [folder.in('root.crt'), folder.in('root.key')];
    await stepRun(folder, 'certificate', 'create', 'Step Root', root, rootKey, '--profile', 'root-ca', ...made);
    const [dir, request, answer] = [folder.in('state'), folder.in('issuer.csr'), folder.in('issuer.crt')];
    const trust = ['--trust-domain', 'corp.internal', '--dir', dir, '--out', request];
    assert.equal((await countersign(['authority', 'create', '--issuer', ...trust])).status, 0);
    const { out, err, status } = await run(step ?? 'step', [
      ...['certificate', 'sign', '--profile', 'intermediate-ca', request, root, rootKey],
    ]);
    assert.equal(status, 0, err);
    await writeFile(answer, out);
    const taken = await countersign(['authority', 'import', answer, '--anchor', root, '--dir', dir, '--json']);
    assert.equal(taken.status, 0, taken.err);
    assert.ok(existsSync(join(dir, 'authority', 'issuer.pem')));
  } finally {
    await folder.remove();
  }
});
