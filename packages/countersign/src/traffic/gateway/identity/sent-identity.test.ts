import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { fromBase64, toBase64 } from '../../../ground/encoding/index.ts';
import { thumbprint } from '../../../runtime/cryptography/index.ts';
import type { Credential } from '../../../runtime/tls/index.ts';
import { TestAuthority } from '../../../surfaces/testing/index.ts';
import { verifyForwardedIdentity } from '../../forwarded-identity/index.ts';
import { identityHeaders } from '../../relay/index.ts';
import { checkText } from '../configuration/check-configuration.ts';
import type { LoadedConfiguration } from '../configuration/load-configuration.ts';
import { parseSigningState } from './signing-state.ts';
import { configurationFrom } from '../../../../../../tests/fixtures/gateway/configurations.ts';
import { listeningOn } from '../../../../../../tests/fixtures/gateway/listening-on.ts';
import { openGateway } from '../../../../../../tests/fixtures/gateway/open-gateway.ts';
import { presented } from '../../../../../../tests/fixtures/presented.ts';

const authority = new TestAuthority();
const domain = authority.trustDomain;
const issuer = `spiffe://${domain}/gateway`;
const own = authority.issue('gateway');
const [acme, beta] = [authority.issue('acme'), authority.issue('beta')];

interface Written {
  readonly identity: string;
  readonly more?: string;
  readonly signing?: string;
  readonly scheme?: string;
  readonly upstreamMore?: string;
}

function text(
  port: number,
  { identity, more = '', signing = '', scheme = 'http', upstreamMore = '' }: Written,
): string {
  return `version: 1
listen: { port: 0 }
${signing}
credentials: { main: { folder: unused } }
trust: { ${domain}: { anchors: [unused] } }
partners:
  - { name: acme, trust: ${domain}, who: [{ spiffeId: spiffe://${domain}/acme }] }
  - { name: beta, trust: ${domain}, who: [{ spiffeId: spiffe://${domain}/beta }] }
hosts: { api.test: { certificate: required, credential: main, trust: [${domain}] } }
routes: [{ name: all, host: api.test, path: /, allow: [acme, beta], upstream: behind, identity: ${identity}${more} }]
upstreams: { behind: { targets: ['${scheme}://127.0.0.1:${port}']${upstreamMore} } }
`;
}

function loaded(written: string, signing?: LoadedConfiguration['signing']): Promise<LoadedConfiguration> {
  const bundles = new Map([[domain, authority.bundle()]]);
  return configurationFrom(written, { credentials: new Map([['main', own]]), bundles, signing });
}

interface Call {
  readonly as?: Credential;
  readonly agent?: Agent | false;
  readonly headers?: readonly string[];
  readonly path?: string;
}

async function asked(
  port: number,
  { as = acme, agent = false, headers = [], path = '/a?b=1' }: Call = {},
): Promise<string> {
  const to = { host: '127.0.0.1', port, path, servername: 'api.test', agent, rejectUnauthorized: false };
  const asking = httpsRequest({ ...to, headers: ['host', 'api.test', ...headers], ...presented(as) }).end();
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  let said = '';
  for await (const piece of answer.setEncoding('utf8')) said += String(piece);
  return said;
}

/** Answers with the header that it got, as JSON. */
function telling(t: TestContext): Promise<number> {
  return listeningOn(t, (request, response) => response.end(JSON.stringify(request.rawHeaders)));
}

function valuesOf(said: string, name: string): readonly string[] {
  const raw = JSON.parse(said) as readonly string[];
  return raw.filter((_, at) => at % 2 === 1 && raw[at - 1]?.toLowerCase() === name);
}

test('rfc9440: the certificate of the connection, and the chain where the route asks for it', async (t) => {
  const there = await telling(t);
  const { gateway, port } = await openGateway(t, await loaded(text(there, { identity: 'rfc9440' })));
  const certificate = `:${toBase64(acme.chain[0] ?? new Uint8Array())}:`;
  const said = await asked(port, { headers: ['Client-Cert', ':AAAA:', 'client_cert_chain', ':AAAA:'] });
  assert.deepEqual(valuesOf(said, 'client-cert'), [certificate]);
  assert.doesNotMatch(said, /AAAA|client.cert.chain/);
  gateway.apply(await loaded(text(there, { identity: 'rfc9440', more: ', identityChain: true' })));
  const chain = valuesOf(await asked(port), 'client-cert-chain');
  assert.deepEqual(chain, [`:${toBase64(authority.issuer.raw)}:`]);
});

test('signed: for this request and upstream, by keys that a restart and a reload leave as they are', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-'));
  const path = join(folder, 'keys.json');
  const there = await telling(t);
  const signing = `signing: { issuer: '${issuer}', state: keys.json }`;
  const written = text(there, { identity: 'signed', signing });
  const { gateway, port } = await openGateway(t, await loaded(written, { path, kept: undefined }));
  // After the gateway, which may still be writing.
  t.after(() => rm(folder, { recursive: true, force: true }));
  const jwks = gateway.identityKeys();
  const question = { issuer, jwks, audience: 'behind', method: 'GET', host: 'api.test', target: '/a?b=1' };
  const [value] = valuesOf(await asked(port, { headers: ['Countersign-Identity', 'made up'] }), 'countersign-identity');
  const { subject, partner, thumbprint: bound } = verifyForwardedIdentity(value, question);
  assert.deepEqual([subject, partner], [`spiffe://${domain}/acme`, 'acme']);
  assert.equal(bound, thumbprint(acme.chain[0] ?? new Uint8Array()));
  assert.throws(() => verifyForwardedIdentity(value, { ...question, target: '/other' }), /CS-GATEWAY-054/);
  gateway.apply(await loaded(written, { path, kept: undefined }));
  assert.deepEqual(gateway.identityKeys(), jwks);
  await gateway.close({ graceMs: 0 });
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  const kept = parseSigningState(await readFile(path, 'utf8'));
  const again = await openGateway(t, await loaded(written, { path, kept }));
  assert.deepEqual(again.gateway.identityKeys(), jwks);
});

/** Says for each request: the PROXY header's SPIFFE ID of its connection, and which connection that was. */
async function proxied(t: TestContext): Promise<{ port: number; connections: () => number; local: Promise<void> }> {
  let connections = 0;
  let onLocal: () => void = () => undefined;
  const local = new Promise<void>((resolve) => (onLocal = resolve));
  const http = createServer((request, response) => response.end(names.get(request.socket) ?? 'nobody'));
  http.on('upgrade', (_, socket) =>
    socket.end(`HTTP/1.1 101 S\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n${names.get(socket)}`),
  );
  t.after(() => http.closeAllConnections());
  const names = new WeakMap<object, string>();
  const tcp = createTcpServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('readable', () => {
      const head = socket.read(16) as Buffer | null;
      if (head === null) return;
      const length = head.readUInt16BE(14);
      const body = length === 0 ? '' : (socket.read(length) as Buffer).toString('latin1');
      if (head[12] === 0x20) onLocal();
      else connections += 1;
      names.set(socket, `${/spiffe:\/\/[\w./]+/.exec(body)?.[0] ?? 'nobody'} over ${connections}`);
      http.emit('connection', socket);
    });
  });
  return { port: await listeningOn(t, tcp), connections: () => connections, local };
}

test('proxy-v2: a connection carries one caller alone, is used again by him, and checks name nobody', async (t) => {
  const there = await proxied(t);
  const upstreamMore = ', health: { active: { path: / } }';
  const { port } = await openGateway(t, await loaded(text(there.port, { identity: 'proxy-v2', upstreamMore })));
  const [one, two] = [new Agent({ keepAlive: true, maxSockets: 1 }), new Agent({ keepAlive: true, maxSockets: 1 })];
  t.after(() => [one, two].forEach((agent) => agent.destroy()));
  const said: string[] = [];
  for (const [as, agent] of [
    [acme, one],
    [beta, two],
    [acme, one],
    [beta, two],
    [acme, false],
  ] as const)
    said.push(await asked(port, { as, agent }));
  assert.deepEqual(
    said.map((text) => text.replace(`spiffe://${domain}/`, '')),
    ['acme over 1', 'beta over 2', 'acme over 1', 'beta over 2', 'acme over 3'],
  );
  await there.local;
  const socket = connectTls({
    host: '127.0.0.1',
    port,
    servername: 'api.test',
    rejectUnauthorized: false,
    ...presented(beta),
  });
  socket.write('GET /ws HTTP/1.1\r\nhost: api.test\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n');
  let all = '';
  for await (const piece of socket.setEncoding('utf8')) all += String(piece);
  assert.match(all, /beta over 4$/);
});

const names = identityHeaders
  .flatMap((one) => one.names)
  .map((name) => name.replace(/-?\*$/, name.endsWith('-*') ? '-any' : ''))
  .filter((name) => /^[a-z0-9-]+$/.test(name));

for (const identity of ['xfcc', 'rfc9440', 'signed', 'none'])
  test(`whatever is sent on (${identity}), nothing of ${names.length} names that a caller says goes on`, async (t) => {
    const there = await telling(t);
    const signing = identity === 'signed' ? `signing: { issuer: '${issuer}', state: keys.json }` : '';
    const folder = await mkdtemp(join(tmpdir(), 'countersign-'));
    const configuration = await loaded(text(there, { identity, signing }), {
      path: join(folder, 'k'),
      kept: undefined,
    });
    const { port } = await openGateway(t, configuration);
    // After the gateway, which may still be writing.
    t.after(() => rm(folder, { recursive: true, force: true }));
    const agent = new Agent({ keepAlive: true });
    t.after(() => agent.destroy());
    for (const spelled of [(name: string) => name, (name: string) => name.replaceAll('-', '_')])
      for (let at = 0; at < names.length; at += 40) {
        const part = names.slice(at, at + 40).map(spelled);
        const headers = [...part.flatMap((name) => [name, 'forged']), 'connection', ['keep-alive', ...part].join(', ')];
        assert.doesNotMatch(await asked(port, { agent, headers }), /forged/);
      }
  });

test('what can not be kept is refused by name', async () => {
  const problemsOf = async (written: Written, change = (said: string): string => said): Promise<string> => {
    const checked = await checkText(change(text(1, written)));
    return 'problems' in checked
      ? checked.problems.map(({ evidence }) => `${String(evidence['line'])} ${String(evidence['problem'])}`).join('\n')
      : '';
  };
  assert.match(await problemsOf({ identity: 'signed' }), /^10 signing is needed/);
  assert.match(await problemsOf({ identity: 'proxy-v2', scheme: 'h2c' }), /^10 proxy-v2 names one caller/);
  assert.match(await problemsOf({ identity: 'xfcc', more: ', identityChain: true' }), /^10 it has an effect with/);
  assert.match(
    await problemsOf({ identity: 'xfcc', signing: `signing: { issuer: '${issuer}', state: a }` }),
    /^3 no route/,
  );
  assert.match(
    await problemsOf({ identity: 'signed', signing: `signing: { issuer: '${issuer}' }` }),
    /^3 either keys, or/,
  );
  const second =
    '\nroutes:\n  - { name: other, host: api.test, path: /o, allow: [acme], upstream: behind, identity: none }\n  - ';
  const mixed = await problemsOf({ identity: 'proxy-v2' }, (said) => said.replace(/\nroutes: \[(.*)\]/, `${second}$1`));
  assert.match(mixed, /all routes to an upstream, or none/);
});

test('a certificate goes along for another gateway where signing says so', async (t) => {
  const there = await telling(t);
  const folder = await mkdtemp(join(tmpdir(), 'countersign-'));
  const signing = `signing: { issuer: '${issuer}', state: k, certificate: true }`;
  const configuration = await loaded(text(there, { identity: 'signed', signing }), {
    path: join(folder, 'k'),
    kept: undefined,
  });
  const { port } = await openGateway(t, configuration);
  // After the gateway, which may still be writing.
  t.after(() => rm(folder, { recursive: true, force: true }));
  const [value = ''] = valuesOf(await asked(port), 'countersign-identity');
  const { crt } = JSON.parse(Buffer.from(value.split('.')[1] ?? '', 'base64url').toString()) as { crt: string };
  assert.deepEqual(fromBase64(crt), acme.chain[0]);
});
