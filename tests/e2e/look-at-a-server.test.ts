/** `inspect HOST:PORT` and `verify HOST:PORT`: a live server with and without client certificates, and none at all. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import { after, before, test } from 'node:test';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { makeCertificate } from './certificates.ts';
import { temporaryFolder, type Folder } from './command.ts';
import { countersign } from './here.ts';

const root = makeCertificate({ commonName: 'Root', authority: true });
const issuer = makeCertificate({ commonName: 'Issuer', authority: true, issuer: root });
const leaf = makeCertificate({
  commonName: 'web',
  issuer,
  names: { dns: ['localhost'], ip: ['127.0.0.1'] },
  purposes: ['serverAuth'],
});
let folder: Folder;
const servers: Server[] = [];

before(async () => {
  folder = await temporaryFolder();
  await writeFile(folder.in('root.pem'), root.pem);
});

after(async () => {
  for (const server of servers) server.close();
  await folder.remove();
});

async function listening(server: Server): Promise<number> {
  servers.push(server.unref());
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as AddressInfo).port;
}

function tlsServer(options: TlsOptions): Promise<number> {
  const server = createTlsServer({ key: leaf.key.toPem(), cert: leaf.pem + issuer.pem, ca: root.pem, ...options });
  server.on('tlsClientError', () => undefined);
  server.on('secureConnection', (socket) => socket.on('error', () => undefined));
  return listening(server);
}

for (const version of ['TLSv1.3', 'TLSv1.2'] as const) {
  test(`${version}: the chain as it was sent, and whether a certificate is wanted`, async () => {
    const limits = { minVersion: version, maxVersion: version };
    const plain = await tlsServer(limits);
    const mutual = await tlsServer({ ...limits, requestCert: true, rejectUnauthorized: true });
    const [without, required] = await Promise.all(
      [plain, mutual].map((port) =>
        countersign(['inspect', `127.0.0.1:${port}`, '--servername', 'localhost', '--json']),
      ),
    );
    for (const ended of [without, required]) {
      assert.equal(ended?.status, 0, ended?.err);
      assert.deepEqual(
        ended.events.map(({ event }) => event),
        ['server', 'certificate', 'certificate', 'result'],
      );
      assert.deepEqual(
        ended.events.slice(1, 3).map(({ subject }) => subject),
        ['CN=web', 'CN=Issuer'],
      );
      assert.equal(ended.events[0]?.['version'], version.replace('TLSv', 'TLS '));
      assert.equal(ended.events[0]['serverName'], 'localhost');
    }
    assert.equal(without?.events[0]?.['clientCertificate'], 'not asked for');
    assert.notEqual(required?.events[0]?.['clientCertificate'], 'not asked for');
    assert.deepEqual(required?.events[0]?.['clientAuthorities'], ['CN=Root']);
  });
}

test('verify takes what the server presents, and the name that it was asked for', async () => {
  const port = await tlsServer({});
  const args = ['--roots', folder.in('root.pem'), '--purpose', 'server', '--json'];
  const good = await countersign(['verify', `127.0.0.1:${port}`, ...args]);
  assert.deepEqual([good.status, good.result['valid'], good.result['names']], [0, true, ['127.0.0.1']], good.err);
  const other = await countersign(['verify', `127.0.0.1:${port}`, '--servername', 'other.internal', ...args]);
  assert.deepEqual([other.status, other.result['code']], [1, 'CS-PATH-010']);
});

test('no server, a mute one, and one without TLS: status 3, with the cause', async () => {
  const mute = await listening(createTcpServer((socket) => socket.unref()));
  const talking = await listening(createTcpServer((socket) => socket.end('220 mail.example ESMTP\r\n')));
  const closed = createTcpServer();
  const port = await listening(closed);
  await new Promise((done) => closed.close(done));
  const cases: [number, string][] = [
    [mute, 'CS-TLS-002'],
    [talking, 'CS-TLS-001'],
    [port, 'CS-TLS-006'],
  ];
  for (const [at, code] of cases) {
    const args = [`127.0.0.1:${at}`, '--timeout', '700ms', '--json'];
    const looked = await countersign(['inspect', ...args]);
    assert.deepEqual([looked.status, looked.result['code']], [3, code], looked.err);
    const verified = await countersign(['verify', ...args, '--roots', folder.in('root.pem'), '--purpose', 'server']);
    assert.deepEqual([verified.status, verified.result['code']], [3, code], verified.err);
  }
});

test('a server that speaks another protocol is asked again without ours', async () => {
  const port = await tlsServer({ ALPNProtocols: ['imap'] });
  const { status, events, err } = await countersign(['inspect', `127.0.0.1:${port}`, '--json']);
  assert.equal(status, 0, err);
  assert.deepEqual([events[0]?.['offered'], events[0]?.['alpn'], events[0]?.['certificates']], [[], null, 2]);
  assert.match(err, /refuses h2 and http\/1\.1/);
});
