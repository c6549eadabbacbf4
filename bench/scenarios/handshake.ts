/** One new mutual TLS connection with one answered request, both sides in this process. Beside it bare node:tls with the same certificates and options. */
import { constants } from 'node:crypto';
import { createServer as createHttpsServer } from 'node:https';
import { connect as connectTls, createSecureContext, type TLSSocket } from 'node:tls';
import { spiffeId } from 'countersign/authorization';
import { systemClock } from 'countersign/clock';
import { encodePem } from 'countersign/encoding';
import { withoutRevocation } from 'countersign/revocation';
import { connect, createServer, type Credential, fixedSource, Trust } from 'countersign/tls';
import type { Subject } from '../frame/scenario.ts';
import { twoSides } from '../frame/two-sides.ts';

export const scenario = 'handshake';

const host = '127.0.0.1';
const request = 'GET / HTTP/1.1\r\nHost: orders.internal\r\nConnection: close\r\n\r\n';

/** What decides the cost of a handshake, as our endpoints have it: version, groups, and no session ticket to write. */
const same = {
  minVersion: 'TLSv1.3',
  ecdhCurve: '*X25519MLKEM768:*X25519:P-256:P-384',
  secureOptions: constants.SSL_OP_NO_TICKET,
} as const;

export const subjects: readonly Subject[] = [
  {
    name: 'countersign',
    start: async () => {
      const { client, server: serving, bundles } = await twoSides();
      const revocations = fixedSource(withoutRevocation);
      const [there, here] = [0, 1].map(
        () => new Trust({ bundles: fixedSource(bundles), revocations, clock: systemClock }),
      ) as [Trust, Trust];
      const server = createServer(
        spiffeId('spiffe://bench.internal/web'),
        { trust: there, credentials: fixedSource(serving), clock: systemClock },
        (_request, response) => void response.end('ok'),
      );
      const { port } = await server.listen({ host, port: 0 });
      const policy = spiffeId('spiffe://bench.internal/orders');
      const options = { trust: here, credentials: fixedSource(client), clock: systemClock, host, port };
      return {
        operation: async () => exchange((await connect(policy, options)).socket),
        close: () => server.close({ graceMs: 0 }),
      };
    },
  },
  {
    name: 'node:tls',
    start: async () => {
      const { client, server: serving, root } = await twoSides();
      const ca = encodePem('CERTIFICATE', root);
      const server = createHttpsServer(
        { ...pemOf(serving), ca, requestCert: true, rejectUnauthorized: true, ...same },
        (_request, response) => {
          response.end('ok');
        },
      );
      await new Promise<void>((resolve) => server.listen(0, host, resolve));
      const { port } = server.address() as { port: number };
      const secureContext = createSecureContext({ ...pemOf(client), ca, ...same });
      const options = { secureContext, host, port, checkServerIdentity: () => undefined };
      return {
        operation: async () => {
          const socket = connectTls(options);
          await new Promise<void>((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
          await exchange(socket);
        },
        close: () => new Promise<void>((resolve) => server.close(() => resolve())),
      };
    },
  },
];

function pemOf({ chain, privateKey }: Credential): { cert: string; key: string } {
  return { cert: chain.map((der) => encodePem('CERTIFICATE', der)).join(''), key: privateKey.toPem() };
}

/** The server has verified the client when it answers; on TLS 1.3 the client's own handshake is over before that. */
function exchange(socket: TLSSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    let answer = '';
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => (answer += text));
    socket.once('error', reject);
    socket.once('close', () => {
      if (answer.startsWith('HTTP/1.1 200 ')) resolve();
      else reject(new Error(`not answered: ${answer.slice(0, 80)}`));
    });
    socket.write(request);
  });
}
