/** Class J, as one table: every route of the authority x every credential, on both listeners; a route that the table does not know fails. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { Agent } from 'node:https';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { encodePem } from '../../packages/countersign/src/ground/encoding/index.ts';
import {
  extendedKeyUsageExtension,
  extendedKeyUsages,
  type GeneralNames,
  keyUsageExtension,
  readCertificatesPem,
  subjectAltNameExtension,
} from '../../packages/countersign/src/identity/x509/index.ts';
import type { AuthoritySettings } from '../../packages/countersign/src/issuing/server/index.ts';
import { administratorId, type Role, roles } from '../../packages/countersign/src/runtime/api/index.ts';
import { generatePrivateKey, parsePrivateKey } from '../../packages/countersign/src/runtime/cryptography/index.ts';
import { MutableSource } from '../../packages/countersign/src/runtime/tls/index.ts';
import { enroll } from '../../packages/countersign/src/traffic/enrollment/index.ts';
import { ask, longestMs, presented, type Presented, type ServerHouse, startHouse } from '../authority/server-house.ts';
import { type Holder, makeIssuer, makeRoot, makeService } from '../fixtures/certificates.ts';

type Who = 'anybody' | 'token' | 'proof' | 'peer' | 'administrator' | Role;

/** The whole of who may what. A new route stands here, or the first test fails. */
const table: Readonly<Record<string, Who>> = {
  'GET /v1/roots': 'anybody',
  'GET /v1/openapi.json': 'anybody',
  'POST /v1/renewal-challenges': 'anybody',
  'POST /v1/enroll': 'token',
  'POST /v1/renew-expired': 'proof',
  'POST /v1/renew': 'peer',
  'GET /v1/whoami': 'peer',
  'GET /v1/feed': 'peer',
  'POST /v1/feed/acknowledgements': 'peer',
  'POST /v1/feed/farewells': 'peer',
  'POST /v1/feed/returns': 'peer',
  'GET /v1/status': 'auditor',
  'GET /v1/metrics': 'auditor',
  'GET /v1/audit': 'auditor',
  'POST /v1/audit/exports': 'auditor',
  'POST /v1/audit/erasures': 'root',
  'POST /v1/profiles/renewals': 'auditor',
  'POST /v1/snapshots': 'operator',
  'GET /v1/certificates': 'auditor',
  'POST /v1/tokens': 'operator',
  'POST /v1/revocations': 'operator',
  'GET /v1/local/feed': 'auditor',
  'POST /v1/local/feed/acknowledgements': 'auditor',
  'POST /v1/local/feed/farewells': 'auditor',
  'POST /v1/revocations/previews': 'operator',
  'POST /v1/holds': 'operator',
  'POST /v1/holds/releases': 'operator',
  'GET /v1/roots/pem': 'anybody',
  'POST /v1/partners/certificates': 'token',
  'POST /v1/partners/renewals': 'peer',
  'POST /v1/partners/followers': 'peer',
  'GET /v1/partners': 'auditor',
  'POST /v1/partners/invitations': 'operator',
  'POST /v1/partners/suspensions': 'operator',
  'POST /v1/partners/resumptions': 'operator',
  'POST /v1/partners/removals': 'operator',
  'GET /v1/token-clients': 'auditor',
  'POST /v1/token-clients': 'operator',
  'POST /v1/token-clients/removals': 'operator',
  'POST /v1/administrators': 'root',
  'POST /v1/issuers': 'root',
  'GET /v1/proposals': 'administrator',
  'POST /v1/proposals/approvals': 'administrator',
  'POST /v1/proposals/rejections': 'administrator',
};

/** What is published for anybody, on a plain listener of its own, by the beginning of its path. */
const published: readonly string[] = ['/crl/', '/ocsp'];

/** Who somebody is, as far as the answer depends on it. */
interface Credential {
  readonly as?: Presented | undefined;
  /** What it counts as. `none`: as if nothing had been presented. `refused`: whatever names a person is denied by the code of its own. */
  readonly counts: 'none' | 'refused' | 'service' | readonly Role[];
  /** With which code it is denied. */
  readonly code?: string;
}

const uid = {
  owner: process.geteuid?.() ?? 0,
  stranger: 4711,
  of: { auditor: 5001, operator: 5002, issuer: 5003, root: 5004 },
};
const hourMs = 3_600_000;

function settingsWith(directory: string): AuthoritySettings {
  return {
    administrators: {
      persons: 1,
      socket: { path: join(directory, 'administrators.sock'), group: '0' },
      users: Object.fromEntries(roles.map((role) => [String(uid.of[role]), [role]])),
      certificates: {
        ...Object.fromEntries(roles.map((role) => [role, [role]])),
        all: [...roles],
        revoked: [...roles],
        forged: [...roles],
        gone: [...roles],
      },
    },
  };
}

interface Scene {
  readonly house: ServerHouse;
  readonly root: string;
  readonly credentials: Readonly<Record<string, Credential>>;
}

async function scene(t: TestContext): Promise<Scene> {
  const settings = new MutableSource<AuthoritySettings>({});
  const house = await startHouse(t, { settings });
  settings.set(settingsWith(house.dir));
  await house.settled();
  const administrator = async (name: string): Promise<Presented & { readonly serial: string }> => {
    const { token = '' } = await house.local.addAdministrator({ name, lifeSeconds: 60 });
    const held = await enroll({ token, privateKey: generatePrivateKey('P-256'), limitMs: longestMs });
    return { ...presented(held), serial: held.leaf.serialNumber };
  };
  const good = Object.fromEntries(
    await Promise.all(
      roles.map(async (role): Promise<[string, Credential]> => [
        `an administrator: ${role}`,
        { as: await administrator(role), counts: [role] },
      ]),
    ),
  );
  const all = await administrator('all');
  const revoked = await administrator('revoked');
  await house.local.revoke({ serial: revoked.serial });
  const gone = await administrator('gone');
  const { gone: _, ...certificates } = settingsWith(house.dir).administrators?.certificates ?? {};
  settings.set({ administrators: { ...settingsWith(house.dir).administrators, certificates } });
  await house.settled();
  return {
    house,
    root: await readFile(join(house.dir, 'authority', 'root.pem'), 'utf8'),
    credentials: {
      ...good,
      'an administrator with every role': { as: all, counts: [...roles] },
      'no certificate': { counts: 'none', code: 'CS-ACCESS-001' },
      'a service': { as: presented(await house.service('web')), counts: 'service', code: 'CS-ACCESS-012' },
      'an administrator revoked': { as: revoked, counts: 'refused', code: 'CS-PEER-008' },
      'an administrator whom the settings name no more': { as: gone, counts: 'service', code: 'CS-ACCESS-012' },
      ...(await crafted(house)),
    },
  };
}

/** What no honest authority issued: by its own issuing key, as only its directory has it, so that each is refused for its own reason. */
async function crafted(house: ServerHouse): Promise<Record<string, Credential>> {
  const read = (name: string): Promise<string> => readFile(join(house.dir, 'authority', name), 'utf8');
  const [certificate] = readCertificatesPem(await read('issuer.pem'));
  const issuer: Holder = { certificate: certificate!, key: parsePrivateKey(await read('issuer.key.pem')) };
  const others = makeIssuer(makeRoot({ notAfter: Date.now() + hourMs }), { notAfter: Date.now() + hourMs });
  const now = { notBefore: Date.now() - hourMs, notAfter: Date.now() + hourMs };
  const uri = [administratorId('dev.internal', 'forged')];
  const web = ['spiffe://dev.internal/web'];
  const by = (of: Holder, recipe: Parameters<typeof makeService>[1]): Presented =>
    shown(makeService(of, { ...now, ...recipe }), of);
  const named = (names: Partial<GeneralNames>): Presented => by(issuer, { names });
  const purpose = (oid: string): readonly Uint8Array[] => [
    keyUsageExtension(['digitalSignature']),
    extendedKeyUsageExtension([oid]),
    subjectAltNameExtension({ uri }, true),
  ];
  const denied = (as: Presented, ...[code, counts = 'refused']: [string, Credential['counts']?]): Credential => ({
    as,
    code,
    counts,
  });
  return {
    "another authority's administrator": denied(by(others, { names: { uri } }), 'CS-PEER-002'),
    'an administrator expired': denied(by(issuer, { names: { uri }, notAfter: Date.now() - 2000 }), 'CS-PEER-003'),
    'an administrator for servers alone': denied(
      by(issuer, { extensions: purpose(extendedKeyUsages.serverAuth) }),
      'CS-PEER-012',
    ),
    'an administrator of another trust domain': denied(
      named({ uri: [administratorId('other.internal', 'forged')] }),
      'CS-PEER-009',
    ),
    'signed by the issuer, and not in the record': denied(named({ uri }), 'CS-ACCESS-012', 'service'),
    'two identities, the second an administrator': denied(named({ uri: [...web, ...uri] }), 'CS-PEER-006'),
    "an administrator's name as a DNS name": denied(
      named({ uri: web, dns: ['forged.administrator.countersign'] }),
      'CS-ACCESS-012',
      'service',
    ),
    "an administrator's name as a subject": denied(
      by(issuer, { names: { uri: web }, subject: uri[0]! }),
      'CS-ACCESS-012',
      'service',
    ),
    "an administrator's name in another case": denied(
      named({ uri: ['spiffe://dev.internal/countersign/Administrator/forged'] }),
      'CS-ACCESS-012',
      'service',
    ),
    'a name below an administrator': denied(named({ uri: [`${uri[0]!}/x`] }), 'CS-ACCESS-012', 'service'),
    'a name above the administrators': denied(
      named({ uri: ['spiffe://dev.internal/countersign/administrator'] }),
      'CS-ACCESS-012',
      'service',
    ),
    "the authority's own name": denied(
      named({ uri: ['spiffe://dev.internal/countersign/authority'] }),
      'CS-ACCESS-012',
      'service',
    ),
  };
}

function shown(leaf: Holder, issuer: Holder): Presented {
  return {
    chain: [leaf, issuer].map(({ certificate }) => encodePem('CERTIFICATE', certificate.raw)).join(''),
    key: leaf.key,
  };
}

/** Whether the table lets it pass, and if not, with which code. */
function expected(who: Who, { counts, code }: Credential): string | undefined {
  if (who === 'anybody' || who === 'token' || who === 'proof') return undefined;
  if (counts === 'none' || counts === 'refused') return code;
  if (who === 'peer') return undefined;
  if (counts === 'service') return code;
  return who === 'administrator' || counts.includes(who) ? undefined : 'CS-ACCESS-011';
}

/** What takes PEM instead of JSON tells whoever may ask of that; the code of an invitation stands in a header. */
const ofPem: Readonly<Record<string, readonly [status: number, code: string]>> = {
  'POST /v1/partners/certificates': [401, 'CS-PARTNER-009'],
  'POST /v1/partners/renewals': [400, 'CS-PEM-001'],
};

/** A body that no operation takes: whoever may ask is told that, and nothing comes of it. */
const noBody = '{';

function requireAnswer(
  where: string,
  answer: { status: number; code: unknown },
  code: string | undefined,
  method: string,
): void {
  const { status, code: found } = answer;
  if (code !== undefined) {
    assert.equal(found, code, `${where}: denied with ${code}, got ${String(status)} ${String(found)}`);
    assert.ok(status === 401 || status === 403, `${where}: ${String(status)}`);
  } else if (method === 'POST') {
    const route = where.slice(where.indexOf(' at ') + ' at '.length);
    assert.deepEqual([status, found], ofPem[route] ?? [400, 'CS-ACCESS-006'], `${where}: let in`);
  } else
    assert.ok(status === 200 || found === 'CS-ACCESS-006', `${where}: let in, got ${String(status)} ${String(found)}`);
}

test('every route stands in the table, with who may use it, and the table has no other', async (t) => {
  const { server } = await startHouse(t);
  const found = Object.fromEntries(server.routes.map(({ method, path, who }) => [`${method} ${path}`, who]));
  assert.deepEqual(found, table);
});

test('what is published stands in the table, is off unless it is asked for, and is there for anybody', async (t) => {
  const silent = await startHouse(t);
  assert.deepEqual([silent.server.published, silent.server.publishingUrl()], [published, undefined]);
  await silent.stop();
  const settings = new MutableSource<AuthoritySettings>({ publishing: { listen: '127.0.0.1:0' } });
  const { server } = await startHouse(t, { settings });
  const url = server.publishingUrl() ?? '';
  assert.ok(url.startsWith('http://127.0.0.1:'));
  for (const prefix of published) {
    const { status } = await fetch(`${url}${prefix}`, { method: 'POST', body: '0' });
    assert.ok(status === 200 || status === 405, `${prefix}: ${String(status)}`);
  }
});

test('the plain listener knows no route of the authority, whatever is before it', async (t) => {
  const settings = new MutableSource<AuthoritySettings>({ publishing: { listen: '127.0.0.1:0' } });
  const { server } = await startHouse(t, { settings });
  const url = server.publishingUrl() ?? '';
  for (const route of Object.keys(table)) {
    const [method = '', path = ''] = route.split(' ');
    const body = method === 'POST' ? { body: noBody } : {};
    const direct = await fetch(`${url}${path}`, { method, ...body });
    assert.equal(direct.status, 404, route);
    const behind = await fetch(`${url}/ocsp/..%2f${path.slice(1)}`, { method: 'GET' });
    assert.equal(behind.status, 400, route);
  }
});

test('over HTTPS each credential gets what the table says, at every route', async (t) => {
  const { house, root, credentials } = await scene(t);
  assert.ok(Object.keys(credentials).length >= 17);
  for (const [name, credential] of Object.entries(credentials)) {
    await t.test(name, async (each) => {
      const { as } = credential;
      // With a connection for each request, those who are refused would come more often than one address may fail in a second.
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      each.after(() => agent.destroy());
      for (const [route, who] of Object.entries(table)) {
        const [method = '', path = ''] = route.split(' ');
        const { status, body } = await ask(house.server.url, root, {
          ...{
            method,
            path,
            agent,
            ...(method === 'POST' && { body: noBody, headers: { 'content-type': 'application/json' } }),
          },
          ...(as !== undefined && { as }),
        });
        requireAnswer(`${name} at ${route}`, { status, code: body['code'] }, expected(who, credential), method);
      }
    });
  }
});

test('on the local socket each user gets what the table says, by the kernel', async (t) => {
  let calling = uid.owner;
  const settings = new MutableSource<AuthoritySettings>({});
  const house = await startHouse(t, { settings, readPeer: () => ({ uid: calling }) });
  settings.set(settingsWith(house.dir));
  await house.settled();
  const users: Readonly<Record<string, { readonly uid: number; readonly has: readonly Role[] }>> = {
    'the owner': { uid: uid.owner, has: roles },
    'the superuser': { uid: 0, has: roles },
    stranger: { uid: uid.stranger, has: [] },
    ...Object.fromEntries(roles.map((role) => [role, { uid: uid.of[role], has: [role] }])),
  };
  for (const [name, user] of Object.entries(users)) {
    calling = user.uid;
    for (const [route, who] of Object.entries(table)) {
      const [method = '', path = ''] = route.split(' ');
      const answer = await overSocket(join(house.dir, 'authority.sock'), method, path);
      const where = `${name} at ${route}`;
      const isNamed = who === 'administrator' || roles.some((role) => role === who);
      if (user.has.length === 0) requireAnswer(where, answer, 'CS-ACCESS-002', method);
      else if (!isNamed) assert.deepEqual([answer.status, answer.code], [404, 'CS-ACCESS-004'], where);
      else requireAnswer(where, answer, expected(who, { counts: user.has }), method);
    }
  }
});

test('a role taken away ends at once, on connections that are open', async (t) => {
  const settings = new MutableSource<AuthoritySettings>({});
  let calling = uid.owner;
  const house = await startHouse(t, { settings, readPeer: () => ({ uid: calling }) });
  settings.set(settingsWith(house.dir));
  await house.settled();
  calling = uid.of.auditor;
  const { openLocalAuthority } = await import('../../packages/countersign/src/runtime/api/index.ts');
  const auditor = openLocalAuthority(house.dir);
  t.after(() => auditor.close());
  await auditor.status();
  settings.set({});
  await house.settled();
  await assert.rejects(auditor.status(), { code: 'CS-ACCESS-002' });
});

function overSocket(socketPath: string, method: string, path: string): Promise<{ status: number; code: unknown }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      // A connection of its own: it belongs to the user who opened it.
      { socketPath, method, path, agent: false, headers: { 'content-type': 'application/json' } },
      (response) => {
        let text = '';
        response.on('data', (part: Buffer) => (text += part.toString()));
        response.on('end', () => {
          const isJson = response.headers['content-type']?.includes('json') === true;
          const body = (isJson ? JSON.parse(text) : {}) as Record<string, unknown>;
          resolve({ status: response.statusCode ?? 0, code: body['code'] });
        });
      },
    );
    request.on('error', reject);
    request.end(method === 'POST' ? noBody : undefined);
  });
}
