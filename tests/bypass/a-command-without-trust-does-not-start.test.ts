/**
 * Class C, as far as the commands: a file of trust that is missing, empty, corrupt or without a certificate keeps an authority and a load generator from
 * starting, with a code and an exit status of its own; neither goes on with what the system trusts.
 * Stands for: Caddy CVE-2026-27586; nginx CVE-2026-28755; haproxy#248.
 */
import assert from 'node:assert/strict';
import { cp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { sharedScene } from '../e2e/command.ts';
import { countersign } from '../e2e/here.ts';

const scene = sharedScene();

/** `undefined`: the file is not there. */
const broken: Readonly<Record<string, string | undefined>> = {
  missing: undefined,
  empty: '',
  'without a certificate': new TestAuthority().issue('x').privateKey.toPem(),
  corrupt: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
};

async function replace(path: string, text: string | undefined): Promise<void> {
  if (text === undefined) await rm(path);
  else await writeFile(path, text);
}

async function refused(what: string, ...args: readonly string[]): Promise<void> {
  const { status, out, err } = await countersign(args);
  assert.ok(status !== null && status > 0, `${what}: ${status} ${out} ${err}`);
  assert.match(out + err, /CS-(?:FILE|PEM|X509|DER|AUTHORITY|STATE|STORE|KEY|TLS)-\d{3}/, what);
  assert.doesNotMatch(out, /"event":"ready"/, what);
}

test('bench calls nobody when the roots of its credential are broken', async () => {
  const good = scene.folder.in('caller');
  const { status, err } = await countersign(['issue', 'caller', '--dir', scene.authority.dir, '--out', good]);
  assert.equal(status, 0, err);
  const server = `127.0.0.1:${new URL(scene.authority.url).port}`;
  const trying = ['empty', 'without a certificate'].map(async (what) => {
    const folder = scene.folder.in(`caller ${what}`);
    await cp(good, folder, { recursive: true });
    await replace(join(folder, 'roots.pem'), broken[what]);
    await refused(`roots ${what}`, 'bench', server, '--credential', folder, '--operations', '1', '--json');
  });
  await Promise.all(trying);
});

test('an authority does not start when a certificate that it rests on is broken', async () => {
  const files = {
    missing: 'root.pem',
    corrupt: 'root.pem',
    empty: 'issuer.pem',
    'without a certificate': 'issuer.pem',
  };
  const trying = Object.entries(files).map(async ([what, file]) => {
    const dir = scene.folder.in(`state ${what}`);
    await cp(join(scene.authority.dir, 'authority'), join(dir, 'authority'), { recursive: true });
    await replace(join(dir, 'authority', file), broken[what]);
    await refused(`${file} ${what}`, 'up', '--dir', dir, '--listen', '127.0.0.1:0', '--json');
  });
  await Promise.all(trying);
});
