/** Class J: each endpoint of the authority with each credential that is not good for it (none, another's, expired, revoked, a server's) is denied. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { encodePem } from '../../packages/countersign/src/ground/encoding/index.ts';
import {
  extendedKeyUsageExtension,
  extendedKeyUsages,
  keyUsageExtension,
  readCertificatesPem,
  subjectAltNameExtension,
} from '../../packages/countersign/src/identity/x509/index.ts';
import * as api from '../../packages/countersign/src/runtime/api/index.ts';
import { parsePrivateKey } from '../../packages/countersign/src/runtime/cryptography/index.ts';
import { ask, presented, type Presented, type ServerHouse, startHouse } from '../authority/server-house.ts';
import { type Holder, makeIssuer, makeRoot, makeService } from '../fixtures/certificates.ts';

interface Endpoint {
  readonly method: string;
  readonly path: string;
}

/** Every operation that the API publishes: a new one is here without anybody remembering it. */
const operations: readonly Endpoint[] = Object.values(api as unknown as Record<string, unknown>).filter(
  (value): value is Endpoint => typeof value === 'object' && value !== null && 'method' in value && 'path' in value,
);

const forPeers: readonly Endpoint[] = [
  { method: 'GET', path: api.feedPath },
  ...operations.filter(({ path }) =>
    [
      '/v1/renew',
      '/v1/partners/renewals',
      '/v1/whoami',
      '/v1/feed/acknowledgements',
      '/v1/feed/farewells',
      '/v1/feed/returns',
    ].includes(path),
  ),
];
const open = operations.filter(({ path }) =>
  [
    '/v1/enroll',
    '/v1/partners/certificates',
    '/v1/roots/pem',
    '/v1/renew-expired',
    '/v1/renewal-challenges',
    '/v1/roots',
    '/v1/openapi.json',
  ].includes(path),
);
/** Whatever is neither open nor for peers names a person: who may what of it, the access matrix says. */
const administrative = operations.filter(
  (operation) =>
    !forPeers.includes(operation) &&
    !open.includes(operation) &&
    // For peers, and there after a restore alone; its own test asks for it.
    operation.path !== '/v1/feed/returns',
);

const uri = ['spiffe://dev.internal/web'];
const hourMs = 3_600_000;

/** The credentials that are good for nothing, and why. */
async function strangers(
  house: ServerHouse,
): Promise<Record<string, { as: Presented | undefined; codes: readonly string[] }>> {
  const revoked = await house.service('web');
  await house.local.revoke({ serial: revoked.leaf.serialNumber });
  const issuer = await issuerOf(house);
  const otherRoot = makeRoot({ notAfter: Date.now() + hourMs });
  const others = makeIssuer(otherRoot, { notAfter: Date.now() + hourMs });
  const now = { notBefore: Date.now() - hourMs, notAfter: Date.now() + hourMs };
  const purpose = (oid: string): readonly Uint8Array[] => [
    keyUsageExtension(['digitalSignature']),
    extendedKeyUsageExtension([oid]),
    subjectAltNameExtension({ uri }, true),
  ];
  return {
    'no certificate': { as: undefined, codes: ['CS-ACCESS-001'] },
    "another authority's": {
      as: shown(makeService(others, { names: { uri }, ...now }), others),
      codes: ['CS-PEER-002'],
    },
    expired: {
      as: shown(
        makeService(issuer, { names: { uri }, notBefore: Date.now() - hourMs, notAfter: Date.now() - 2000 }),
        issuer,
      ),
      codes: ['CS-PEER-003'],
    },
    revoked: { as: presented(revoked), codes: ['CS-PEER-008'] },
    "another trust domain's under our root": {
      as: shown(makeService(issuer, { names: { uri: ['spiffe://other.internal/web'] }, ...now }), issuer),
      codes: ['CS-PEER-009'],
    },
    'for servers alone': {
      as: shown(makeService(issuer, { extensions: purpose(extendedKeyUsages.serverAuth), ...now }), issuer),
      codes: ['CS-PEER-012'],
    },
    'for the feed alone': {
      as: shown(makeService(issuer, { extensions: purpose(extendedKeyUsages.feedSigning), ...now }), issuer),
      codes: ['CS-PEER-012'],
    },
  };
}

/** The authority's own issuing key, as only its directory has it: what is refused must be refused for its own reason. */
async function issuerOf({ dir }: ServerHouse): Promise<Holder> {
  const read = (name: string): Promise<string> => readFile(join(dir, 'authority', name), 'utf8');
  const [certificate] = readCertificatesPem(await read('issuer.pem'));
  return { certificate: certificate!, key: parsePrivateKey(await read('issuer.key.pem')) };
}

function shown(leaf: Holder, issuer: Holder): Presented {
  return {
    chain: [leaf, issuer].map(({ certificate }) => encodePem('CERTIFICATE', certificate.raw)).join(''),
    key: leaf.key,
  };
}

async function rootOf({ dir }: ServerHouse): Promise<string> {
  return readFile(join(dir, 'authority', 'root.pem'), 'utf8');
}

test('endpoints for peers and administrators deny each stranger by name, before the body is looked at', async (t: TestContext) => {
  const house = await startHouse(t);
  const root = await rootOf(house);
  for (const [stranger, { as, codes }] of Object.entries(await strangers(house))) {
    for (const { method, path } of [...forPeers, ...administrative]) {
      const question = {
        method,
        path,
        headers: { 'countersign-endpoint': 'a'.repeat(16) },
        ...(method === 'POST' ? { body: '{' } : {}),
        ...(as === undefined ? {} : { as }),
      };
      const { status, body } = await ask(house.server.url, root, question);
      assert.ok(
        codes.includes(String(body['code'])),
        `${stranger} at ${path}: ${String(status)} ${String(body['code'])}`,
      );
      assert.ok(status === 401 || status === 403, `${stranger} at ${path}: ${String(status)}`);
    }
  }
});

test('open operations give nothing without the token or the proof, and know no other way to write their path', async (t) => {
  const house = await startHouse(t);
  const root = await rootOf(house);
  const good = presented(await house.service('orders'));
  const post = (path: string, body: unknown) => ask(house.server.url, root, { method: 'POST', path, body, as: good });
  assert.equal((await post('/v1/enroll', { token: 'cs1_AAAA', request: 'x' })).body['code'], 'CS-TOKEN-001');
  const nothing = { certificate: good.chain, request: 'x', challenge: 'A'.repeat(43), signature: 'A'.repeat(86) };
  assert.equal((await post('/v1/renew-expired', nothing)).body['code'], 'CS-RENEW-004');
  for (const path of [
    '/v1/whoami/',
    '//v1/whoami',
    '/v1/./whoami',
    '/v1/%77hoami',
    '/V1/whoami',
    '/',
    '/v1/feed/../whoami',
  ]) {
    const { status, body } = await ask(house.server.url, root, { path: `${house.server.url}${path}` }).catch(() => ({
      status: 404,
      body: { code: 'CS-ACCESS-004' },
    }));
    assert.ok(status === 404 || body['code'] === 'CS-ACCESS-001', `${path}: ${String(status)}`);
  }
  for (const method of ['PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH']) {
    assert.equal((await ask(house.server.url, root, { method, path: '/v1/roots' })).status, 404, method);
  }
});

test('a body that is too large, no JSON, of another type or with a field too many is refused', async (t) => {
  const house = await startHouse(t);
  const root = await rootOf(house);
  const post = (body: string, headers: Record<string, string> = {}) =>
    ask(house.server.url, root, { method: 'POST', path: '/v1/renewal-challenges', body, headers });
  assert.equal((await post('{}')).status, 200);
  assert.deepEqual((await post(JSON.stringify({ fill: 'x'.repeat(70_000) }))).body['code'], 'CS-ACCESS-005');
  for (const body of ['', '{', '[]', 'null', '{"extra":1}'])
    assert.equal((await post(body)).body['code'], 'CS-ACCESS-006', body);
  assert.equal((await post('{}', { 'content-type': 'text/plain' })).body['code'], 'CS-ACCESS-006');
  assert.equal((await post('{}', { 'content-encoding': 'gzip' })).body['code'], 'CS-ACCESS-006');
});

test('the local socket knows the caller by the kernel, and has none of the network operations', async (t) => {
  const house = await startHouse(t);
  for (const { method, path } of [...forPeers, ...open]) {
    const { status, body } = await overSocket(join(house.dir, 'authority.sock'), method, path);
    assert.deepEqual([status, body['code']], [404, 'CS-ACCESS-004'], path);
  }
});

test('another user is refused on the local socket, and nobody is let in when the kernel can not be asked', async (t) => {
  const stranger = await startHouse(t, { readPeer: () => ({ uid: (process.geteuid?.() ?? 0) + 4711 }) });
  await assert.rejects(stranger.local.status(), { code: 'CS-ACCESS-002' });
  await assert.rejects(stranger.token(['web']), { code: 'CS-ACCESS-002' });
  const blind = await startHouse(t, {
    readPeer: () => {
      throw new Error('no such library');
    },
  });
  await assert.rejects(blind.local.status(), { code: 'CS-ACCESS-003' });
  assert.ok(blind.events.some((event) => event.event === 'refused' && event.refusal.code === 'CS-ACCESS-003'));
});

test(
  "the kernel's word on a real other user",
  { skip: process.geteuid?.() === 0 ? false : 'only root can become another user' },
  async (t) => {
    const house = await startHouse(t);
    const { chmod } = await import('node:fs/promises');
    // Even where the modes would let him through.
    await chmod(house.dir, 0o755);
    await chmod(join(house.dir, 'authority.sock'), 0o666);
    const script = `
    const { request } = require('node:http');
    request({ socketPath: process.argv[1], path: '/v1/status' }, (response) => {
      let text = ''; response.on('data', (part) => (text += part)); response.on('end', () => console.log(JSON.parse(text).code, process.geteuid()));
    }).on('error', (error) => console.log(error.code)).end();`;
    const child = spawn(process.execPath, ['--eval', script, join(house.dir, 'authority.sock')], {
      uid: 65_534,
      gid: 65_534,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (data: Buffer) => (output += data.toString()));
    child.on('error', () => undefined);
    await once(child, 'close');
    // A Node that this user may not read can not run as him.
    if (output !== '') assert.equal(output.trim(), 'CS-ACCESS-002 65534');
  },
);

function overSocket(
  socketPath: string,
  method: string,
  path: string,
): Promise<{ status: number; body: Record<string, unknown> }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { socketPath, method, path, headers: { 'content-type': 'application/json' } },
      (response) => {
        let text = '';
        response.on('data', (part: Buffer) => (text += part.toString()));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) as Record<string, unknown> }),
        );
      },
    );
    request.on('error', reject);
    request.end(method === 'POST' ? '{}' : undefined);
  });
}
