/** A Go client calls our server, and our client calls a Go server: let in, and refused by either side. */
import assert from 'node:assert/strict';
import { after, before, test, type TestContext } from 'node:test';
import { request } from 'undici';
import { spiffeId } from '../../packages/countersign/src/identity/authorization/index.ts';
import { buildGoPeer, missing, run, type RunningPeer, startPeer } from './peers.ts';
import {
  dbId,
  type Files,
  openScene,
  ourClient,
  ourNamelessClient,
  ourServer,
  refusalOf,
  type Scene,
  webId,
} from './scene.ts';

const skip = missing('go');
let scene: Scene;
let program = '';

before(async () => {
  scene = await openScene();
  if (skip === false) program = buildGoPeer(scene.folder.path);
});
after(() => scene.close());

interface Said {
  readonly status?: number;
  readonly body?: string;
  readonly peer?: readonly string[];
  readonly refused?: string;
}

interface Call {
  readonly port: number;
  readonly own?: Files;
  readonly roots?: string;
  readonly serverName?: string;
  readonly allow?: string;
}

async function goCalls({
  port,
  own,
  roots = scene.db.roots,
  serverName = 'db.internal',
  allow = '',
}: Call): Promise<Said> {
  const identity = own === undefined ? [] : ['-cert', own.cert, '-key', own.key];
  const trust = ['-roots', roots, '-servername', serverName, '-allow', allow];
  const where = ['-role', 'client', '-address', `127.0.0.1:${String(port)}`];
  const { out, err, status } = await run(program, [...where, ...identity, ...trust]);
  assert.equal(status, 0, err);
  return JSON.parse(out) as Said;
}

const server = (t: TestContext): ReturnType<typeof ourServer> => ourServer(t, spiffeId(webId), scene.db);

test('a Go client is let in, and accepts our server by its DNS name and its SPIFFE ID', { skip }, async (t) => {
  const { port, refusals } = await server(t);
  assert.deepEqual(await goCalls({ port, own: scene.web, allow: dbId }), {
    status: 200,
    body: `we saw ${webId}`,
    peer: [dbId, 'db.internal'],
  });
  assert.deepEqual(refusals, []);
});

test('our server refuses a Go client without a certificate', { skip }, async (t) => {
  const { port, refused } = await server(t);
  assert.match((await goCalls({ port })).refused ?? '', /certificate required/);
  assert.equal((await refused()).code, 'CS-PEER-001');
});

test("our server refuses a Go client with another authority's certificate", { skip }, async (t) => {
  const { port, refused } = await server(t);
  assert.notEqual((await goCalls({ port, own: scene.stranger })).refused, undefined);
  // Go keeps its certificate back where the server names other authorities than its own: none is sent then.
  assert.match((await refused()).code, /^CS-PEER-00[12]$/);
});

test('our server refuses a Go client of another name, and says so', { skip }, async (t) => {
  const { port, refused } = await server(t);
  const { status, body } = await goCalls({ port, own: scene.db });
  assert.equal(status, 403);
  assert.match(body ?? '', /CS-PEER-007/);
  assert.equal((await refused()).code, 'CS-PEER-007');
});

test('a Go client refuses our server: another DNS name, another SPIFFE ID, another authority', { skip }, async (t) => {
  const { port } = await server(t);
  const own = scene.web;
  assert.match((await goCalls({ port, own, serverName: 'web.internal' })).refused ?? '', /not web\.internal/);
  assert.match((await goCalls({ port, own, allow: webId })).refused ?? '', /the peer is not/);
  const otherRoots = await goCalls({ port, own, roots: scene.stranger.roots });
  assert.match(otherRoots.refused ?? '', /unknown authority/);
});

async function goServes(t: TestContext, files: Files, allow = ''): Promise<RunningPeer> {
  const identity = ['-cert', files.cert, '-key', files.key, '-roots', scene.db.roots];
  const peer = await startPeer(program, ['-role', 'server', ...identity, '-allow', allow], /"listening":(\d+)/);
  t.after(() => peer.stop());
  return peer;
}

const url = ({ port }: RunningPeer): string => `https://127.0.0.1:${String(port)}/`;

test('our client is let in by a Go server, and accepts it by its SPIFFE ID', { skip }, async (t) => {
  const peer = await goServes(t, scene.db, webId);
  const dispatcher = ourClient(t, spiffeId(dbId), scene.web);
  const { statusCode, body } = await request(url(peer), { dispatcher });
  assert.equal(statusCode, 200);
  assert.equal(await body.text(), `go saw ${webId} web.internal`);
});

test(
  "our client refuses a Go server with another authority's certificate, and one of another name",
  { skip },
  async (t) => {
    const stranger = await goServes(t, scene.stranger);
    const expectingWeb = ourClient(t, spiffeId(webId), scene.web);
    assert.equal(await refusalOf(request(url(stranger), { dispatcher: expectingWeb })), 'CS-PEER-002');
    const web = await goServes(t, scene.web);
    const expectingDb = ourClient(t, spiffeId(dbId), scene.web);
    assert.equal(await refusalOf(request(url(web), { dispatcher: expectingDb })), 'CS-PEER-007');
  },
);

test(
  'a Go server refuses our client: without a certificate, of another authority, of another name',
  { skip },
  async (t) => {
    const peer = await goServes(t, scene.db, webId);
    const clients = [
      [ourNamelessClient(t, spiffeId(dbId), scene.db), /didn't provide a certificate/],
      [ourClient(t, spiffeId(dbId), scene.stranger, scene.db), /unknown authority/],
      [ourClient(t, spiffeId(dbId), scene.db), /the peer is not/],
    ] as const;
    for (const [dispatcher, said] of clients) {
      await assert.rejects(request(url(peer), { dispatcher }));
      await peer.heard(said);
    }
  },
);
