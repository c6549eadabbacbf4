/** What the gateway's file of configuration may say: the schema that it is read with, and that docs/gateway.schema.json is made from. */
import { z } from 'zod';
import type { GatewayFile } from './gateway-file.ts';
import { routeToken, tokenIssuer } from './token-schema.ts';

/** Of partners, routes, upstreams and credentials: what can stand in a log, a label of a metric and a header without quoting. */
export const plainName: RegExp = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

const name = z.string().regex(plainName, 'a name of lower-case letters, digits and inner hyphens, at most 63');
const path = z.string().min(1);
const hostName = z
  .string()
  .regex(
    /^(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
    'a DNS name in lower case, or *. and one',
  );
const trustDomainName = z.string().regex(/^[a-z0-9._-]+$/, 'a trust domain in lower case');
const milliseconds = z.int().min(1).max(86_400_000);
const method = z.string().regex(/^[A-Z]{1,20}$/, 'a method in capital letters');

const address = z.strictObject({
  host: z.string().min(1).default('127.0.0.1').describe('127.0.0.1 unless another one is written here'),
  port: z.int().min(0).max(65_535),
});

const listen = address.extend({
  withoutName: hostName
    .optional()
    .describe('the host that stands for clients that send no server name; without it they are refused'),
});

const admin = z.strictObject({
  socket: path.optional().describe('a Unix socket, mode 0600: health, metrics, and what config diff asks'),
  port: z.int().min(0).max(65_535).optional().describe('of 127.0.0.1: health and metrics alone'),
});

const credential = z.strictObject({
  certificate: path.optional().describe('PEM: the chain, the own certificate first'),
  key: path.optional().describe('PEM, mode 0600'),
  folder: path
    .optional()
    .describe('instead of the two: a folder with cert.pem and key.pem, as issue and agent write it'),
});

const revocation = z.strictObject({
  crl: z
    .array(z.string().min(1))
    .default([])
    .describe('revocation lists: files of PEM or DER, or addresses that begin with http://; read again as they change'),
  crlFromCertificates: z.boolean().default(false).describe('the lists that certificates name, too'),
  ocsp: z.string().min(1).optional().describe('a responder, http://HOST/PATH, or named: those that certificates name'),
  undetermined: z
    .enum(['refuse', 'let-in'])
    .default('refuse')
    .describe('of whom nothing is known; with let-in, who keeps a list or an answer away is let in with a revoked one'),
  allowPrivateSources: z
    .boolean()
    .default(false)
    .describe('lists and responders at addresses of private ranges, this machine among them, are asked too'),
});

const feed = z.strictObject({
  socket: path.optional().describe("the authority's local socket, on its machine"),
  url: z
    .string()
    .regex(/^https:\/\/[^/\s@?#]+$/, 'https://HOST:PORT')
    .optional()
    .describe('the authority elsewhere; with credential'),
  credential: name.optional().describe('that the gateway shows it'),
  rootSha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'lower-case hex SHA-256')
    .optional()
    .describe('of its root; default that of the only anchor'),
  afterLease: z
    .enum(['refuse', 'continue'])
    .default('refuse')
    .describe('when nothing was heard for longer than the lease: refuse everybody at its hosts, or go on'),
});

const trustDomain = z.strictObject({
  anchors: z.array(path).min(1).describe('PEM files of the certificates of its authorities'),
  intermediates: z.array(path).default([]),
  revocation: revocation.optional().describe('means by which each of its certificates must be good'),
  feed: feed
    .optional()
    .describe('of its own authority: who is revoked there goes at once, and its bundle replaces the files'),
});

const expectedPeer = z.strictObject({
  spiffeId: z.string().optional().describe('a SPIFFE ID, or a pattern of whole segments (* and a last **)'),
  dnsName: z.string().optional(),
  uri: z.string().optional(),
  subject: z.string().optional().describe('the whole subject as RFC 4514 writes it'),
  spkiPin: z.string().optional().describe('lower-case hex SHA-256 of the public key'),
});

const who = expectedPeer.extend({
  organizationIdentifier: z
    .string()
    .optional()
    .describe('of a QWAC, decoded: PSDES-BDE-3DFD21 (ETSI EN 319 412-1, 5.1.4)'),
  paymentRoles: z
    .array(z.string())
    .min(1)
    .optional()
    .describe('that a QWAC must declare: PSP_AS, PSP_PI, PSP_AI, PSP_IC (ETSI TS 119 495)'),
});

const limits = z.strictObject({
  requestsPerSecond: z
    .number()
    .positive()
    .max(1_000_000)
    .optional()
    .describe('sustained; a fraction is one in several seconds'),
  burst: z
    .int()
    .min(1)
    .max(1_000_000_000)
    .optional()
    .describe("requests at once after a rest; default one second's, and one at least"),
  requestsPerDay: z.int().min(1).optional().describe('between two midnights (UTC)'),
  connections: z
    .int()
    .min(1)
    .optional()
    .describe('of a partner alone: at the same time, each counted from its first request on'),
});

const partner = z.strictObject({
  name,
  state: z.enum(['active', 'suspended']).default('active'),
  trust: trustDomainName.describe('the trust domain under which its certificates are believed'),
  who: z.array(who).min(1).describe('one certificate or another, as during a rotation; within one entry all must fit'),
  routes: z.array(z.string()).default(['*']).describe('names of routes, or * alone'),
  limits: limits.optional().describe('over all its certificates and all routes'),
  contacts: z.array(z.string()).default([]),
});

const headerMs = milliseconds
  .default(15_000)
  .describe('until the header of a request is there; over HTTP/2 of the first one');

const registry = z.strictObject({
  authority: z
    .url({ protocol: /^https$/ })
    .regex(/^https:\/\/[^/?#@]+$/, 'https://HOST:PORT')
    .describe('whose registry of partners is followed; its settings name this gateway (partners.gateways)'),
  credential: name.describe('as whom it is asked'),
  trust: trustDomainName.describe('its trust domain: what vouches for it, and for the certificates of its partners'),
  cache: path.describe('a file, mode 0600, that is written here: the partners heard last, for restarts'),
});

const check = address.extend({
  credential: name,
  as: hostName.optional().describe('the host as which it decides; needed where hosts differ in their trust'),
});

const proxy = z.strictObject({
  who: expectedPeer.describe('who the proxy is, by its own certificate on that very connection'),
  trust: trustDomainName.describe('the trust domain that vouches for it; one of the host'),
  takes: z
    .enum(['rfc9440', 'xfcc', 'signed'])
    .describe(
      'the one form in which it names its callers; their certificates are verified here, by the trust of the host',
    ),
  signed: z
    .strictObject({
      issuer: z.string().describe('the SPIFFE ID of that gateway (signing.issuer there)'),
      audience: z.string().min(1).describe('what it calls this gateway: the name of its upstream'),
      jwks: path.describe('a file of its keys, from its /identity-keys'),
    })
    .optional()
    .describe('with takes: signed'),
});

const host = z.strictObject({
  certificate: z
    .enum(['required', 'optional', 'none'])
    .describe('whether the handshake asks for one; with none browsers are never prompted'),
  credential: name,
  trust: z.array(trustDomainName).default([]).describe('whose certificates are believed, each about its own partners'),
  headerMs,
  proxies: z
    .array(proxy)
    .optional()
    .describe('in front of it, whose word about their callers is taken; from all others it is taken off'),
});

const bounds = z.strictObject({
  requestBytes: z.int().min(0).default(10_485_760).describe('of the body; 0: none is taken'),
  headerBytes: z.int().min(1).max(16_384).default(16_384),
  headerMs: z
    .never('which route is meant is known only once the header is there: write headerMs at the host')
    .optional()
    .describe('not here: at the host'),
  bodyMs: milliseconds.default(300_000),
  answerMs: milliseconds.default(60_000).describe('until the answer begins'),
});

const route = z.strictObject({
  name,
  host: z.string().min(1),
  path: z.string().regex(/^\//, 'begins with /'),
  methods: z.array(method).min(1).optional().describe('default all; GET stands for HEAD, too'),
  allow: z
    .array(z.string().min(1))
    .optional()
    .describe(
      'partners by name, SPIFFE IDs or patterns of them, and registry:* for those of the registry that have the route',
    ),
  forwarded: z
    .literal('allowed')
    .optional()
    .describe('lets in, too, whom a proxy of the host names: that he holds the key is the word of the proxy'),
  upstream: name,
  identity: z
    .enum(['xfcc', 'rfc9440', 'signed', 'proxy-v2', 'none'])
    .default('xfcc')
    .describe('how the upstream is told who calls; signed needs signing'),
  identityChain: z
    .boolean()
    .optional()
    .describe('with rfc9440: whether the certificates of the issuers go along (Client-Cert-Chain)'),
  limits: limits.optional().describe('of each caller: a partner, another identity, or an address (of IPv6 its /64)'),
  token: routeToken.optional().describe('the access token that each request needs, beside the certificate'),
  bounds: bounds.prefault({}),
  observe: z
    .boolean()
    .default(false)
    .describe('whom allow leaves out is let through, logged and counted; never one without a good certificate'),
});

const signing = z.strictObject({
  issuer: z
    .string()
    .regex(/^spiffe:\/\//, 'a SPIFFE ID')
    .describe('the SPIFFE ID of the gateway, as iss'),
  keys: z
    .array(path)
    .min(1)
    .optional()
    .describe('PEM files of keys of P-256 or Ed25519, mode 0600: the first signs, all are published'),
  state: path
    .optional()
    .describe('instead of keys: a file in which keys that are made here and exchanged by themselves outlive a restart'),
  rotateEveryMs: z.int().min(60_000).default(86_400_000).describe('with state: how long a key signs'),
  lifeMs: z.int().min(1_000).max(60_000).default(30_000).describe('of a signed identity'),
  certificate: z
    .boolean()
    .default(false)
    .describe('whether the certificate of the caller goes along, for another gateway'),
});

const evidence = z.strictObject({
  folder: path.describe('mode 0700, of this gateway alone: a file for each day, and the key that signs them'),
  keepDays: z.int().min(1).max(36_500).default(400).describe('days; older files are removed'),
  unwritable: z
    .enum(['continue', 'refuse'])
    .default('continue')
    .describe('while it can not be written, on a full disk mostly: let requests go on, or refuse all of them with 503'),
});

const some = z.int().min(1).max(1_000_000);

const upstreamTls = z.strictObject({
  credential: name
    .optional()
    .describe('what the gateway shows; may be left out where the file has one credential alone'),
  trust: trustDomainName.describe('the trust domain under which its certificates are believed'),
  expect: expectedPeer.describe('who the upstream may be; there is no default'),
  serverName: hostName.optional().describe('default the host of the target'),
});

const target = z
  .string()
  .regex(
    /^(?:https?|h2c?):\/\/[^/\s@?#]+$/,
    'http://HOST:PORT, h2c://HOST:PORT; https:// and h2:// are the same over TLS',
  );

const upstream = z.strictObject({
  targets: z.array(target).min(1),
  tls: upstreamTls.optional().describe('mutual TLS, for targets of https:// and h2://'),
  balance: z.enum(['least-requests', 'round-robin']).optional().describe('default least-requests'),
  health: z
    .strictObject({
      active: z
        .strictObject({
          path: z.string().regex(/^\//, 'begins with /').describe('asked with GET; 200 to 399 is well'),
          everyMs: milliseconds.optional().describe('default 5,000'),
          timeoutMs: milliseconds.optional().describe('default 2,000'),
          healthyAfter: some.optional().describe('answers in a row; default 2'),
          unhealthyAfter: some.optional().describe('in a row; default 3'),
          host: z.string().min(1).optional().describe('default host and port of the target'),
        })
        .optional(),
      passive: z
        .strictObject({
          failures: some.optional().describe('requests without an answer; default 5'),
          withinMs: milliseconds.optional().describe('default 10,000'),
          outMs: milliseconds.optional().describe('how long it is left out then; default 10,000'),
        })
        .optional(),
    })
    .optional(),
  slowStartMs: z
    .int()
    .min(0)
    .max(86_400_000)
    .optional()
    .describe('until a target that came back has its share; default 10,000'),
  retries: z
    .union([
      z.literal(false),
      z.strictObject({
        most: some.optional().describe('of safe requests without a body, before any answer; default 1'),
        perRequestMs: milliseconds.optional(),
      }),
    ])
    .optional(),
  circuitBreaker: z
    .strictObject({
      mostPending: some.optional().describe('requests that wait for an answer; default 1,024'),
      mostRequests: some.optional().describe('requests under way; default 4,096'),
      openAfter: some.optional().describe('failures in a row; default 50'),
      openMs: milliseconds.optional().describe('default 5,000'),
    })
    .optional(),
  connectMs: milliseconds.optional().describe('default 5,000'),
  stallMs: z
    .int()
    .min(0)
    .max(86_400_000)
    .optional()
    .describe('between two pieces of an answer; default 300,000, 0: for ever'),
});

export const gatewayFile: z.ZodType<GatewayFile> = z.strictObject({
  version: z.literal(1),
  listen,
  admin: admin.prefault({}),
  signing: signing.optional().describe('of routes with identity: signed; the keys are at /identity-keys of admin'),
  workers: z
    .union([z.int().min(1).max(256), z.literal('auto')])
    .default(1)
    .describe('processes that serve; auto: one for each core'),
  state: z
    .strictObject({ folder: path.describe('mode 0700; what each caller has used of its limits') })
    .optional()
    .describe('what outlives a restart; without it each begins with whole quotas'),
  evidence: evidence.optional().describe('what was decided of whom and how often, chained and signed, for auditors'),
  credentials: z.record(name, credential),
  trust: z.record(trustDomainName, trustDomain).default({}),
  partners: z.array(partner).default([]),
  registry: registry.optional().describe('partners beside those that are listed'),
  check: check
    .optional()
    .describe('a listener that tells whoever presents a certificate whether and why it is refused'),
  hosts: z.record(hostName, host),
  routes: z.array(route).default([]),
  upstreams: z.record(name, upstream).default({}),
  tokens: z.record(name, tokenIssuer).default({}).describe('issuers of access tokens, by the names that routes use'),
});
