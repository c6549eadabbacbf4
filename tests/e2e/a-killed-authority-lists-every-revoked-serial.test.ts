/** Killed right after a revocation was acknowledged, the authority hands out no list without it: not the one of before, nor a lower number. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { type CertificateList, parseCertificateList } from '../../packages/countersign/src/identity/x509/index.ts';
import { openLocalAuthority } from '../../packages/countersign/src/runtime/api/index.ts';
import { generatePrivateKey } from '../../packages/countersign/src/runtime/cryptography/index.ts';
import { enroll } from '../../packages/countersign/src/traffic/enrollment/index.ts';
import { freePort } from '../fixtures/free-port.ts';
import { type Folder, startAuthority, temporaryFolder } from './command.ts';

const rounds = 2;
const ofARound = 3;

async function listOf(folder: Folder, url: string): Promise<CertificateList> {
  const [issuer = ''] = readdirSync(folder.in('state', 'crl'));
  const answer = await fetch(`${url}/crl/${issuer}/all.crl`);
  assert.equal(answer.status, 200);
  return parseCertificateList(new Uint8Array(await answer.arrayBuffer()));
}

test('after kill -9 the list has every revoked serial, with a greater number', async (t) => {
  const folder = await temporaryFolder();
  t.after(() => folder.remove());
  const port = await freePort();
  const url = `http://127.0.0.1:${String(port)}`;
  const config = folder.in('authority.yaml');
  await writeFile(config, `publishing: { listen: "127.0.0.1:${String(port)}" }\ncrl: { url: "${url}", shards: 2 }\n`);
  const revoked: string[] = [];
  let number = 0n;
  for (let round = 0; round <= rounds; round++) {
    const authority = await startAuthority(folder.in('state'), { config });
    const list = await listOf(folder, url);
    for (const serial of revoked)
      assert.equal(list.revoked.find(serial).length, 1, `${serial}, round ${String(round)}`);
    assert.ok(BigInt(`0x${list.crlNumber ?? '0'}`) > number);
    const local = openLocalAuthority(folder.in('state'));
    for (let count = 0; count < ofARound && round < rounds; count++) {
      const name = `n${String(round)}-${String(count)}.internal`;
      const { token } = await local.createToken({ names: [name], lifeSeconds: 60 });
      const { leaf } = await enroll({ token, privateKey: generatePrivateKey('P-256') });
      await local.revoke({ serial: leaf.serialNumber });
      revoked.push(leaf.serialNumber);
    }
    number = BigInt(`0x${(await listOf(folder, url)).crlNumber ?? '0'}`);
    authority.child.kill('SIGKILL');
    await once(authority.child, 'exit');
    await local.close();
  }
  assert.equal(revoked.length, rounds * ofARound);
});
