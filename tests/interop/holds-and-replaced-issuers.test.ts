/** Before OpenSSL: a hold and its end, through complete lists, delta lists and OCSP; then an issuer that was replaced, and revoked by the root's list. */
import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { encodePem } from '../../packages/countersign/src/ground/encoding/index.ts';
import { type CertificateList, parseCertificateList } from '../../packages/countersign/src/identity/x509/index.ts';
import { listFolder } from '../../packages/countersign/src/issuing/authority/index.ts';
import type { AuthoritySettings } from '../../packages/countersign/src/issuing/server/index.ts';
import { MutableSource } from '../../packages/countersign/src/runtime/tls/index.ts';
import type { HeldCredential } from '../../packages/countersign/src/traffic/enrollment/index.ts';
import { type ServerHouse, startHouse } from '../authority/server-house.ts';
import { waitingIssuer } from '../authority/waiting-issuer.ts';
import type { Ended } from '../e2e/command.ts';
import { countersign } from '../e2e/here.ts';
import { missing, run } from './peers.ts';

const skip = missing('openssl');
const settings: AuthoritySettings = {
  publishing: { listen: '127.0.0.1:0' },
  crl: { url: 'http://crl.example' },
};

class Scene {
  house: ServerHouse;

  constructor(house: ServerHouse) {
    this.house = house;
  }

  async file(name: string, ...blocks: readonly [label: string, der: Uint8Array][]): Promise<string> {
    const path = join(this.house.dir, name);
    await writeFile(path, blocks.map(([label, der]) => encodePem(label, der)).join(''));
    return path;
  }

  async fetched(path: string): Promise<Uint8Array> {
    const answer = await fetch(`${this.house.server.publishingUrl() ?? ''}/crl/${path}`);
    assert.equal(answer.status, 200, path);
    return new Uint8Array(await answer.arrayBuffer());
  }

  /** The list of the holder's issuer, once it is as it should be. */
  async list(
    held: HeldCredential,
    isSo: (list: CertificateList) => boolean = () => true,
    name: 'all' | 'all-delta' = 'all',
  ): Promise<Uint8Array> {
    for (let attempt = 0; attempt < 400; attempt++) {
      const der = await this.fetched(`${listFolder(held.intermediates[0]!.publicKey.raw)}/${name}.crl`);
      if (isSo(parseCertificateList(der))) return der;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    return assert.fail(`${name} has not come to be so`);
  }

  rootList(held: HeldCredential): Promise<Uint8Array> {
    return this.fetched(`${listFolder(held.roots[0]!.publicKey.raw)}/all.crl`);
  }

  /** What `openssl verify` says by these lists: good, or the number and depth of its error. */
  async verify(held: HeldCredential, lists: readonly Uint8Array[], ...options: readonly string[]): Promise<string> {
    const leaf = await this.file('leaf.pem', ['CERTIFICATE', held.leaf.raw]);
    const issuer = await this.file('issuer.pem', ['CERTIFICATE', held.intermediates[0]!.raw]);
    const root = await this.file('root.pem', ['CERTIFICATE', held.roots[0]!.raw]);
    const crl = await this.file('crl.pem', ...lists.map((der): [string, Uint8Array] => ['X509 CRL', der]));
    const given = ['-CAfile', root, '-untrusted', issuer, '-CRLfile', crl, ...options, leaf];
    const { out, err } = await run('openssl', ['verify', ...given]);
    if (/: OK/.test(out)) return 'good';
    return /error (\d+ at \d) depth/.exec(out + err)?.[1] ?? out + err;
  }

  async ocsp(held: HeldCredential): Promise<string> {
    const leaf = await this.file('asked.pem', ['CERTIFICATE', held.leaf.raw]);
    const issuer = await this.file('asked-issuer.pem', ['CERTIFICATE', held.intermediates[0]!.raw]);
    const root = await this.file('root.pem', ['CERTIFICATE', held.roots[0]!.raw]);
    const url = `${this.house.server.publishingUrl() ?? ''}/ocsp`;
    const { out, err } = await run('openssl', [
      ...['ocsp', '-no_nonce', '-url', url, '-issuer', issuer, '-CAfile', root, '-verify_other', issuer, '-cert', leaf],
    ]);
    assert.match(err, /Response verify OK/);
    const [, status, reason] = /asked\.pem: (\w+)(?:[^]*Reason: (\w+))?/.exec(out) ?? [];
    return reason === undefined ? String(status) : `${String(status)} ${reason}`;
  }
}

const revokedLeaf = '23 at 0';
const revokedIssuer = '23 at 1';
const deltas = ['-crl_check', '-extended_crl', '-use_deltas'];

async function scene(t: TestContext): Promise<Scene> {
  return new Scene(await startHouse(t, { settings: new MutableSource(settings) }));
}

test('a hold and its end: openssl says revoked, and good again, by whatever it is told', { skip }, async (t) => {
  const scenes = await scene(t);
  const { local } = scenes.house;
  const web = await scenes.house.service('web');
  const serial = web.leaf.serialNumber;
  const has = (list: CertificateList): boolean => list.revoked.find(serial).length > 0;
  const saysRemoved = (list: CertificateList): boolean => list.revoked.find(serial)[0]?.reason === 'removeFromCRL';
  const before = await scenes.list(web);
  assert.equal(await scenes.verify(web, [before], '-crl_check'), 'good');

  await local.hold({ serial });
  const during = await scenes.list(web, has);
  const change = await scenes.list(web, has, 'all-delta');
  assert.equal(await scenes.verify(web, [during], '-crl_check'), revokedLeaf);
  assert.equal(await scenes.verify(web, [before, change], ...deltas), revokedLeaf);
  assert.equal(await scenes.ocsp(web), 'revoked certificateHold');

  await local.release({ serial });
  const after = await scenes.list(web, (list) => !has(list));
  const changedBack = await scenes.list(web, saysRemoved, 'all-delta');
  assert.equal(await scenes.verify(web, [after], '-crl_check'), 'good');
  assert.equal(await scenes.verify(web, [during, changedBack], ...deltas), 'good', 'removeFromCRL ends it');
  assert.equal(await scenes.ocsp(web), 'good');

  // Who has the list of before the restart is brought up to date by the delta list of after it.
  scenes.house = await scenes.house.restart();
  const later = await scenes.list(web, saysRemoved, 'all-delta');
  assert.equal(await scenes.verify(web, [during, later], ...deltas), 'good');
});

test(
  'a replaced issuer, and one that the root revokes: root and issuer checked by what is published',
  { skip },
  async (t) => {
    const scenes = await scene(t);
    const [web, db] = await Promise.all([scenes.house.service('web'), scenes.house.service('db')]);
    await scenes.house.local.replaceIssuer({ certificates: await waitingIssuer(scenes.house.dir) });
    scenes.house = await scenes.house.restart();
    const { dir, local } = scenes.house;
    const fresh = await scenes.house.service('fresh');
    await local.revoke({ name: 'db' });
    const ofDb = (list: CertificateList): boolean => list.revoked.find(db.leaf.serialNumber).length > 0;

    const keys = join(dir, 'authority');
    const out = (name: string): string => join(dir, name);
    const sign = (name: string, ...more: readonly string[]): Promise<Ended> =>
      countersign(['authority', 'ceremony', 'list', '--root', keys, '--out', out(name), '--yes', '--json', ...more]);
    const publish = (name: string): Promise<Ended> =>
      countersign(['authority', 'publish-crl', out(name), '--dir', dir, '--json']);
    const first = await sign('first.crl');
    assert.deepEqual([first.status, first.result['revoked']], [0, 0], first.err);
    const handed = await publish('first.crl');
    assert.equal(handed.status, 0, handed.err);
    const all = ['-crl_check_all'];
    const lists = async (held: HeldCredential, is: (list: CertificateList) => boolean = () => true) => [
      await scenes.list(held, is),
      await scenes.rootList(held),
    ];
    assert.equal(await scenes.verify(web, await lists(web), ...all), 'good');
    assert.equal(await scenes.verify(db, await lists(db, ofDb), ...all), revokedLeaf);
    assert.equal(await scenes.verify(fresh, await lists(fresh), ...all), 'good');
    assert.deepEqual([await scenes.ocsp(web), await scenes.ocsp(db), await scenes.ocsp(fresh)].map(firstWord), [
      'good',
      'revoked',
      'good',
    ]);

    const old = (await readdir(keys)).find((name) => /^retired-[0-9a-f]+\.pem$/.test(name)) ?? '';
    const foreign = await sign('never.crl', '--revoke', join(dir, 'leaf.pem'));
    assert.deepEqual([foreign.status, foreign.result['code']], [1, 'CS-CEREMONY-005'], foreign.err);
    const second = await sign('second.crl', '--revoke', join(keys, old), '--reason', 'cACompromise');
    assert.deepEqual([second.status, second.result['revoked']], [0, 1], second.err);
    assert.equal((await publish('second.crl')).status, 0);
    assert.equal((await publish('first.crl')).result['code'], 'CS-CRL-022', 'an older one makes nothing good again');
    assert.equal(await scenes.verify(web, await lists(web), ...all), revokedIssuer);
    assert.equal(await scenes.verify(fresh, await lists(fresh), ...all), 'good');

    const exported = await countersign(['authority', 'export-crl', '--dir', dir, '--out', out('exported'), '--json']);
    assert.equal(exported.status, 0, exported.err);
    const files = (await readdir(out('exported'))).filter(
      (name) => name.startsWith('issuer-') && !name.includes('delta'),
    );
    assert.equal(files.length, 1, 'the list of the replaced issuer is among them');
  },
);

function firstWord(text: string): string {
  return text.split(' ')[0] ?? '';
}
