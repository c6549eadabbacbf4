/** What is judged: a real authority that publishes, and one certificate in each status, with the lists and the addresses that speak of it. */
import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { encodePem } from '../../../packages/countersign/src/ground/encoding/index.ts';
import {
  type Certificate,
  crlDistributionPointsExtension,
  decodeExtension,
  extensionOids,
  readCertificatesPem,
  readDistributionPoints,
} from '../../../packages/countersign/src/identity/x509/index.ts';
import { type AdministeredAuthority, openLocalAuthority } from '../../../packages/countersign/src/runtime/api/index.ts';
import { parsePrivateKey } from '../../../packages/countersign/src/runtime/cryptography/index.ts';
import { enrollFolder } from '../../../packages/countersign/src/traffic/enrollment/index.ts';
import { freePort } from '../../fixtures/free-port.ts';
import { type Folder, startAuthority, temporaryFolder } from '../../e2e/command.ts';
import { countersign } from '../../e2e/here.ts';
import { makeService } from '../../fixtures/certificates.ts';

export const statuses = ['good', 'revoked', 'held', 'released', 'unissued'] as const;
export type Status = (typeof statuses)[number];

/** Paths. */
export interface Judged {
  readonly folder: Folder;
  readonly root: string;
  readonly issuer: string;
  /** The root and the issuer. */
  readonly anchors: string;
  /** `http://host:port/ocsp`. */
  readonly responder: string;
  leaf(status: Status): string;
  /** The leaf and its issuer. */
  chain(status: Status): string;
  key(status: Status): string;
  /** Each in PEM, with the root's own list behind it: what a program is given. */
  readonly complete: string;
  shard(status: Status): string;
  /** The list from before anything was revoked, and the changes to it. */
  readonly delta: string;
  /** The list of a shard that does not cover the certificate. */
  otherShard(status: Status): string;
  close(): Promise<void>;
}

export async function publishAndJudge(): Promise<Judged> {
  const folder = await temporaryFolder();
  const port = await freePort();
  const url = `http://127.0.0.1:${String(port)}`;
  await writeFile(folder.in('authority.yaml'), settings(url, port));
  const dir = folder.in('state');
  const authority = await startAuthority(dir, { config: folder.in('authority.yaml') });
  const local = openLocalAuthority(dir);
  const close = async (): Promise<void> => {
    await local.close();
    await authority.stop();
    await folder.remove();
  };
  try {
    return { ...(await publish({ folder, url, local })), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function settings(url: string, port: number): string {
  return `publishing: { listen: "127.0.0.1:${String(port)}" }
crl: { url: "${url}", shards: 2 }
profiles:
  service: { crl: [own], ocsp: ["${url}/ocsp"] }
`;
}

interface House {
  readonly folder: Folder;
  readonly url: string;
  readonly local: AdministeredAuthority;
}

async function publish(house: House): Promise<Omit<Judged, 'close'>> {
  const { folder, url, local } = house;
  const file = async (name: string, contents: string | Uint8Array): Promise<string> => {
    await writeFile(folder.in(name), contents, { mode: 0o600 });
    return folder.in(name);
  };
  const read = (name: string): Promise<string> => readFile(folder.in('state', 'authority', name), 'utf8');
  for (const status of statuses) if (status !== 'unissued') await enrol(house, status);
  const [root, issuer] = [
    await file('root.pem', await read('root.pem')),
    await file('issuer.pem', await read('issuer.pem')),
  ];
  const points = new Map<Status, string>();
  for (const status of statuses)
    if (status !== 'unissued') points.set(status, await pointOf(folder.in(status, 'cert.pem')));
  await forge(house, points.get('good')!, await read('issuer.key.pem'));
  points.set('unissued', points.get('good')!);

  const wholeList = points.get('good')!.replace(/\d+-\d+\.crl$/, 'all.crl');
  const before = await fetched(wholeList);
  await local.hold({ name: 'held.internal' });
  await local.hold({ name: 'released.internal' });
  await local.revoke({ name: 'revoked.internal', reason: 'keyCompromise' });
  const [{ serial } = { serial: '' }] = (await local.listCertificates({ name: 'released.internal' })).certificates;
  await local.release({ serial });
  const issuerFolder = wholeList.split('/').at(-2)!;
  const exported = await countersign([
    'authority',
    'export-crl',
    '--dir',
    folder.in('state'),
    '--out',
    folder.in('lists'),
    '--json',
  ]);
  assert.equal(exported.status, 0, exported.err);
  const rootList = new Uint8Array(await readFile(folder.in('lists', 'root.crl')));
  const lists = (name: string, ...ders: readonly Uint8Array[]): Promise<string> =>
    file(name, [...ders, rootList].map((der) => encodePem('X509 CRL', der)).join(''));
  const byPoint = new Map<string, string>();
  const names = await readdir(folder.in('state', 'crl', issuerFolder));
  const shards = names.filter((name) => /^\d+-\d+\.crl$/.test(name));
  assert.equal(shards.length, 2);
  for (const at of shards.map((shard) => wholeList.replace('all.crl', shard))) {
    byPoint.set(at, await lists(`${at.replace(/^.*\//, '')}.pem`, await fetched(at)));
  }
  const complete = await fetched(wholeList);
  const delta = await fetched(wholeList.replace('.crl', '-delta.crl'));
  for (const status of statuses) {
    const [leaf = ''] = (await readFile(folder.in(status, 'cert.pem'), 'utf8')).split(
      /(?<=-----END CERTIFICATE-----\n)/,
    );
    await file(`${status}/leaf.pem`, leaf);
  }
  return {
    folder,
    root,
    issuer,
    anchors: await file('anchors.pem', (await read('root.pem')) + (await read('issuer.pem'))),
    responder: `${url}/ocsp`,
    leaf: (status) => folder.in(status, 'leaf.pem'),
    chain: (status) => folder.in(status, 'cert.pem'),
    key: (status) => folder.in(status, 'key.pem'),
    complete: await lists('complete.pem', complete),
    shard: (status) => byPoint.get(points.get(status)!)!,
    otherShard: (status) => [...byPoint].find(([at]) => at !== points.get(status))![1],
    delta: await lists('delta.pem', before, delta),
  };
}

async function enrol({ folder, local }: House, status: Status): Promise<void> {
  const { token } = await local.createToken({ names: [`${status}.internal`], lifeSeconds: 60 });
  await enrollFolder(folder.in(status), { token });
}

async function pointOf(path: string): Promise<string> {
  const [leaf] = readCertificatesPem(await readFile(path, 'utf8'));
  const [point] = decodeExtension(leaf!.extensions, extensionOids.crlDistributionPoints, readDistributionPoints) ?? [];
  return point!.fullName!.uri[0]!;
}

/** What somebody signed with the issuer's key, and the authority has never heard of. */
async function forge({ folder }: House, point: string, issuerKey: string): Promise<void> {
  const [issued, issuer] = readCertificatesPem(await readFile(folder.in('good', 'cert.pem'), 'utf8')) as [
    Certificate,
    Certificate,
  ];
  await mkdir(folder.in('unissued'));
  const forged = makeService(
    { certificate: issuer, key: parsePrivateKey(issuerKey) },
    {
      names: { dns: ['unissued.internal'] },
      notBefore: issued.notBefore,
      notAfter: issued.notAfter,
      moreExtensions: [crlDistributionPointsExtension([{ fullName: { uri: [point] } }])],
    },
  );
  const chain = [forged.certificate, issuer].map(({ raw }) => encodePem('CERTIFICATE', raw)).join('');
  await writeFile(folder.in('unissued', 'cert.pem'), chain);
  await writeFile(folder.in('unissued', 'key.pem'), forged.key.toPem(), { mode: 0o600 });
}

async function fetched(at: string): Promise<Uint8Array> {
  const answer = await fetch(at);
  assert.equal(answer.status, 200, at);
  return new Uint8Array(await answer.arrayBuffer());
}
