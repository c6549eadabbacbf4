/** The description of the API is valid, current, whole, and true: each real answer is as it says. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { test, type TestContext } from 'node:test';

import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

import { parsePem, toBase64Url } from '../../packages/countersign/src/ground/encoding/index.ts';
import { isRefusalCode } from '../../packages/countersign/src/ground/errors/index.ts';
import type { AuthoritySettings } from '../../packages/countersign/src/issuing/server/index.ts';
import { renewalProof } from '../../packages/countersign/src/runtime/api/index.ts';
import { generatePrivateKey } from '../../packages/countersign/src/runtime/cryptography/index.ts';
import { MutableSource } from '../../packages/countersign/src/runtime/tls/index.ts';
import { enroll } from '../../packages/countersign/src/traffic/enrollment/index.ts';
import { openApiDocument } from '../../tools/openapi/document.ts';
import { requestFor } from './enrollment-house.ts';
import { ask, type Answer, presented, type Presented, type ServerHouse, startHouse } from './server-house.ts';
import { waitingIssuer } from './waiting-issuer.ts';

interface Described {
  readonly operationId: string;
  readonly security: readonly unknown[];
  readonly 'x-roles'?: readonly string[];
  readonly responses: Readonly<
    Record<
      string,
      { readonly content: Readonly<Record<string, { schema: object }>>; readonly 'x-refusals'?: readonly string[] }
    >
  >;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: object;
}

const page = resolve(import.meta.dirname, '../../docs/openapi.json');

test('docs/openapi.json is what the routes say (npm run openapi)', async () => {
  assert.ok((await openApiDocument()) === readFileSync(page, 'utf8'), 'docs/openapi.json is old: npm run openapi');
});

test('it is a valid OpenAPI 3.1 document', async () => {
  const result = await new Validator().validate(readFileSync(page, 'utf8'));
  assert.deepEqual([result.valid, result.errors], [true, undefined]);
});

test('each operation has its own name, its roles and refusals of the registry', () => {
  const { paths } = JSON.parse(readFileSync(page, 'utf8')) as Document;
  const operations = Object.values(paths).flatMap((path) => Object.values(path));
  assert.equal(new Set(operations.map(({ operationId }) => operationId)).size, operations.length);
  for (const { operationId, responses } of operations) {
    const codes = Object.values(responses).flatMap((response) => response['x-refusals'] ?? []);
    assert.ok(codes.includes('CS-ACCESS-006'), operationId);
    for (const code of codes) assert.ok(isRefusalCode(code), code);
  }
  assert.deepEqual(paths['/v1/revocations']?.['post']?.['x-roles'], ['operator']);
  assert.deepEqual(paths['/v1/roots']?.['get']?.security, []);
});

/** Who calls, and what validates what came. */
class Caller {
  readonly called = new Set<string>();
  readonly #ajv = new Ajv2020({ strict: false, validateFormats: false });
  readonly #document: Document;
  readonly #house: ServerHouse;
  readonly #root: string;

  constructor(document: Document, house: ServerHouse, root: string) {
    this.#document = document;
    this.#house = house;
    this.#root = root;
    this.#ajv.addSchema({ $id: 'document', ...document });
  }

  async call(
    method: 'GET' | 'POST',
    path: string,
    { body, as, query = '' }: { body?: unknown; as?: Presented; query?: string } = {},
  ): Promise<Record<string, unknown>> {
    const answer = await ask(this.#house.server.url, this.#root, {
      ...{ method, path: path + query },
      ...(body !== undefined && { body }),
      ...(as !== undefined && { as }),
    });
    this.#require(method, path, answer);
    return answer.body;
  }

  #require(method: string, path: string, { status, body, text }: Answer): void {
    const described = this.#document.paths[path]?.[method.toLowerCase()];
    assert.ok(described, `${method} ${path}`);
    const response = described.responses[String(status)];
    assert.ok(response, `${method} ${path} answers ${String(status)}, which is not described: ${text}`);
    if (status !== 200) assert.ok(response['x-refusals']?.includes(String(body['code'])), `${path}: ${text}`);
    const type = status === 200 ? 'application/json' : 'application/problem+json';
    const validate = this.#validator(response.content[type]!.schema);
    assert.ok(validate(body), `${method} ${path}: ${this.#ajv.errorsText(validate.errors)}: ${text}`);
    if (status === 200) this.called.add(`${method} ${path}`);
  }

  #validator(schema: object): ValidateFunction {
    return this.#ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"document#/')) as object);
  }
}

async function administrator(house: ServerHouse, name: string): Promise<Presented> {
  const { token = '' } = await house.local.addAdministrator({ name, lifeSeconds: 60 });
  return presented(await enroll({ token, privateKey: generatePrivateKey('P-256') }));
}

async function scene(
  t: TestContext,
): Promise<{ house: ServerHouse; caller: Caller; carol: Presented; dave: Presented }> {
  const certificates = { carol: ['auditor', 'operator', 'root'], dave: ['root'] } as const;
  const gateways = ['spiffe://dev.internal/web'];
  const partners = { gateways };
  const settings = new MutableSource<AuthoritySettings>({ partners, administrators: { persons: 1, certificates } });
  const house = await startHouse(t, { settings });
  const [carol, dave] = [await administrator(house, 'carol'), await administrator(house, 'dave')];
  settings.set({ partners, administrators: { certificates } });
  await house.settled();
  const root = await readFile(join(house.dir, 'authority', 'root.pem'), 'utf8');
  const served = await ask(house.server.url, root, { path: '/v1/openapi.json' });
  return { house, carol, dave, caller: new Caller(served.body as unknown as Document, house, root) };
}

test('each operation, called once, answers as described; so do refusals', async (t) => {
  const { house, caller, carol, dave } = await scene(t);
  const key = generatePrivateKey('P-256');
  const request = requestFor(key);
  const call = caller.call.bind(caller);

  await call('GET', '/v1/openapi.json');
  await call('GET', '/v1/roots');
  const { token } = await call('POST', '/v1/tokens', { body: { names: ['web'], lifeSeconds: 60 }, as: carol });
  const issued = await call('POST', '/v1/enroll', { body: { token, request } });
  const web = { chain: String(issued['certificates']), key };
  await call('POST', '/v1/renew', { body: { request }, as: web });
  const { challenge } = await call('POST', '/v1/renewal-challenges', { body: {} });
  const der = parsePem(request)[0]!.bytes;
  const signature = toBase64Url(key.sign(renewalProof({ challenge: String(challenge), request: der })));
  await call('POST', '/v1/renew-expired', { body: { certificate: web.chain, request, challenge, signature } });
  await call('GET', '/v1/whoami', { as: web });
  await call('GET', '/v1/status', { as: carol });
  const { certificates } = await call('GET', '/v1/certificates', { as: carol, query: '?limit=3' });
  assert.equal((certificates as unknown[]).length, 3);
  await call('POST', '/v1/profiles/renewals', { body: { profiles: { service: { keys: ['Ed25519'] } } }, as: carol });
  await call('POST', '/v1/feed/farewells', { body: { endpoint: 'a'.repeat(16) }, as: web });
  await call('POST', '/v1/partners/followers', { body: { gateway: 'a'.repeat(16) }, as: web });
  await call('POST', '/v1/feed/returns', { body: { message: 'a.b.c' }, as: web });
  await call('GET', '/v1/audit', { as: carol });
  await call('POST', '/v1/audit/exports', { body: { format: 'json', from: 1 }, as: carol });
  await call('POST', '/v1/audit/erasures', { body: { name: 'nobody' }, as: carol });
  await call('POST', '/v1/profiles/renewals', { body: {}, as: carol });
  await call('POST', '/v1/snapshots', { body: {}, as: carol });
  const issuers = { certificates: await waitingIssuer(house.dir) };
  await call('POST', '/v1/issuers', { body: issuers, as: carol });
  const add = { name: 'dave', lifeSeconds: 60 };
  const first = await call('POST', '/v1/administrators', { body: add, as: carol });
  const { id, contentSha256 } = first['proposal'] as { id: string; contentSha256: string };
  await call('GET', '/v1/proposals', { as: dave });
  await call('POST', '/v1/proposals/approvals', { body: { id, contentSha256 }, as: dave });
  const second = await call('POST', '/v1/administrators', { body: add, as: carol });
  await call('POST', '/v1/proposals/rejections', {
    body: { id: (second['proposal'] as { id: string }).id },
    as: carol,
  });
  await call('POST', '/v1/revocations/previews', { body: { identity: 'web' }, as: carol });
  const { serials } = await call('POST', '/v1/holds', { body: { name: 'web' }, as: carol });
  await call('POST', '/v1/holds/releases', { body: { serial: (serials as string[])[0] }, as: carol });
  await call('POST', '/v1/local/feed/farewells', { body: { endpoint: 'a'.repeat(16) }, as: carol });
  await call('POST', '/v1/revocations', { body: { name: 'web' }, as: carol });
  const acme = { name: 'acme' };
  const invitation = { ...acme, routes: '*', limits: {}, contacts: [], lifeSeconds: 60 };
  await call('POST', '/v1/partners/invitations', { body: invitation, as: carol });
  await call('GET', '/v1/partners', { as: carol });
  await call('POST', '/v1/partners/suspensions', { body: { ...acme, reason: 'INC-1' }, as: carol });
  await call('POST', '/v1/partners/resumptions', { body: acme, as: carol });
  await call('POST', '/v1/partners/removals', { body: acme, as: carol });
  const method = { token_endpoint_auth_method: 'tls_client_auth', tls_client_auth_san_dns: 'web' };
  const registration = { client_id: 'acme', ...method, resources: ['https://api.test'] };
  await call('POST', '/v1/token-clients', { body: { registration }, as: carol });
  await call('GET', '/v1/token-clients', { as: carol });
  await call('POST', '/v1/token-clients/removals', { body: { clientId: 'acme' }, as: carol });

  const refused = [
    await call('GET', '/v1/whoami', { as: web }),
    await call('GET', '/v1/whoami'),
    await call('GET', '/v1/status', { as: dave }),
    await call('POST', '/v1/enroll', { body: { token, request } }),
    await call('POST', '/v1/enroll', { body: { token } }),
    await call('POST', '/v1/revocations', { body: { name: 'nobody' }, as: carol }),
    await call('POST', '/v1/proposals/approvals', { body: { id, contentSha256 }, as: dave }),
    await call('POST', '/v1/tokens', { body: { names: ['*'], lifeSeconds: 60 }, as: carol }),
    await call('POST', '/v1/tokens', { body: { lifeSeconds: 60, profile: 'none' }, as: carol }),
    await call('POST', '/v1/profiles/renewals', { body: { profiles: { service: { keys: [] } } }, as: carol }),
  ];
  assert.deepEqual(
    refused.map(({ code }) => code),
    [
      'CS-PEER-008',
      'CS-ACCESS-001',
      'CS-ACCESS-011',
      'CS-RENEW-002',
      'CS-ACCESS-006',
      'CS-REVOKE-001',
      'CS-APPROVAL-003',
      'CS-AUTHORITY-003',
      'CS-PROFILE-001',
      'CS-ACCESS-006',
    ],
  );
  // The stream, the acknowledgement of it, and what is no JSON (PEM for curl) have tests of their own.
  const all = house.server.routes.map(({ method, path }) => `${method} ${path}`);
  const apart = [
    'GET /v1/feed',
    'GET /v1/local/feed',
    'GET /v1/metrics',
    'GET /v1/roots/pem',
    'POST /v1/feed/acknowledgements',
    'POST /v1/local/feed/acknowledgements',
    'POST /v1/partners/certificates',
    'POST /v1/partners/renewals',
  ];
  assert.deepEqual([...caller.called, ...apart].sort(), all.toSorted());
});
