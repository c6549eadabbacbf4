/** The description of the API as an OpenAPI 3.1 document, made from the routes and the schemas that check them: it cannot say anything else. */
import { z } from 'zod';

import { entryOf, problemContentType, type RefusalCode } from '../../../ground/errors/index.ts';
import { type ApiDescription, roles } from '../../../runtime/api/index.ts';
import type { Route, Who } from '../route.ts';
import { refusalsOf } from './refusals-of.ts';

export type DescribedRoute = Pick<Route, 'method' | 'path' | 'who' | 'described'>;

interface Schema {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly required?: readonly string[];
  readonly [keyword: string]: unknown;
}

export function describeRoutes(routes: readonly DescribedRoute[]): ApiDescription {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes.toSorted((a, b) => (a.path < b.path ? -1 : 1)))
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operationOf(route) };
  return {
    openapi: '3.1.1',
    info: {
      title: 'Countersign authority',
      version: '1',
      description:
        'JSON over HTTPS, authenticated by certificates of the authority; for administrators the same over a local socket. Every refusal is a problem document (RFC 9457) whose code stands in the registry, docs/refusals.md. Requests are strict: a member that is not described is refused. Answers may get further members.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [
      { url: '/', description: 'HTTPS, TLS 1.3' },
      { url: 'http://localhost', description: 'HTTP on the local socket, for what names a role alone' },
    ],
    paths,
    components: { securitySchemes, schemas: { Problem: problem } },
  };
}

function operationOf(route: DescribedRoute): Record<string, unknown> {
  const { method, path, who, described } = route;
  const summary = 'operation' in described ? described.operation.summary : described.summary;
  return {
    operationId: identifierOf(method, path),
    summary,
    tags: [tagOf(who)],
    security: securityOf(who),
    ...rolesOf(who),
    ...requestOf(route),
    responses: { '200': successOf(route), ...refusalAnswers(refusalsOf(route)), default: problemAnswer('Refused', []) },
  };
}

/** GET /v1/feed -> getFeed. */
function identifierOf(method: string, path: string): string {
  const words = path.replace(/^\/v1\//, '').split(/[^A-Za-z0-9]+/);
  return method.toLowerCase() + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

function tagOf(who: Who): string {
  if (who === 'anybody' || who === 'token' || who === 'proof') return 'first contact';
  return who === 'peer' ? 'services' : 'administration';
}

/** Each entry is one way in. */
function securityOf(who: Who): Record<string, readonly string[]>[] {
  if (who === 'anybody') return [];
  if (who === 'token') return [{ enrolmentToken: [] }];
  if (who === 'proof') return [{ renewalProof: [] }];
  return who === 'peer' ? [{ mutualTLS: [] }] : [{ mutualTLS: [] }, { localSocket: [] }];
}

/** `x-roles`: one of them is needed. */
function rolesOf(who: Who): { 'x-roles'?: readonly string[] } {
  if (who === 'administrator') return { 'x-roles': roles };
  return roles.some((role) => role === who) ? { 'x-roles': [who] } : {};
}

function requestOf({ method, described }: DescribedRoute): Record<string, unknown> {
  if (!('operation' in described)) {
    const parameters = Object.entries(described.headers).map(([name, { what, required }]) => ({
      ...{ name, in: 'header', description: what, required },
      schema: { type: 'string' },
    }));
    return { parameters };
  }
  const schema = schemaOf(described.operation.request);
  if (method === 'POST') return { requestBody: { required: true, content: { 'application/json': { schema } } } };
  const parameters = Object.entries(schema.properties ?? {}).map(([name, member]) => ({
    ...{ name, in: 'query', required: schema.required?.includes(name) === true, schema: member },
  }));
  return parameters.length === 0 ? {} : { parameters };
}

function successOf({ described }: DescribedRoute): Record<string, unknown> {
  if (!('operation' in described))
    return { description: described.summary, content: { [described.answers]: { schema: { type: 'string' } } } };
  const schema = schemaOf(described.operation.response);
  return { description: described.operation.summary, content: { 'application/json': { schema } } };
}

/** As what is sent, so that an answer may have members that are not described. */
function schemaOf(shape: z.ZodType): Schema {
  const { $schema: _, ...schema } = z.toJSONSchema(shape, { io: 'input', unrepresentable: 'any' });
  return schema;
}

function refusalAnswers(codes: readonly RefusalCode[]): Record<string, unknown> {
  const byStatus = Map.groupBy(codes, (code) => String(entryOf(code).http));
  return Object.fromEntries(
    [...byStatus].map(([status, those]) => [
      status,
      problemAnswer(those.map((code) => `${code} ${entryOf(code).title}`).join('; '), those),
    ]),
  );
}

function problemAnswer(description: string, codes: readonly RefusalCode[]): Record<string, unknown> {
  return {
    description,
    ...(codes.length === 0 ? {} : { 'x-refusals': codes }),
    content: { [problemContentType]: { schema: { $ref: '#/components/schemas/Problem' } } },
  };
}

/** OpenAPI knows no word for two of them; their descriptions say what they are. */
const securitySchemes = {
  mutualTLS: {
    type: 'mutualTLS',
    description:
      "A certificate of this authority's trust domain. Where x-roles stands, an administrator's: of the profile administrator, its SPIFFE ID named in the settings with one of these roles.",
  },
  localSocket: {
    type: 'http',
    scheme: 'x-local-socket',
    description:
      'No header: on the local socket the kernel says which user calls, and the settings which roles he has.',
  },
  enrolmentToken: {
    type: 'http',
    scheme: 'x-enrolment-token',
    description: 'No header: the member token of the body, good once.',
  },
  renewalProof: {
    type: 'http',
    scheme: 'x-renewal-proof',
    description: "No header: the member signature of the body, by the expired certificate's key over a challenge.",
  },
};

/** RFC 9457, 3.1, and our own members after it (3.2). Who is refused before he is known gets no more than the first four and the code. */
const problem = {
  type: 'object',
  required: ['type', 'title', 'status', 'code'],
  properties: {
    type: { type: 'string', pattern: '^urn:countersign:refusal:CS-[A-Z0-9]+-[0-9]{3}$' },
    title: { type: 'string' },
    status: { type: 'integer', minimum: 400, maximum: 599 },
    detail: { type: 'string', description: 'What happened and why it is refused.' },
    code: { type: 'string', pattern: '^CS-[A-Z0-9]+-[0-9]{3}$', description: 'Stable; docs/refusals.md has them all.' },
    remedy: { type: 'string', description: 'What to do about it.' },
    evidence: { type: 'object', description: 'The facts of this occurrence.' },
  },
};
