/** New connections to the target: TCP, and over it a full handshake that presents the certificate, and the second stage. */
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import { encodePem } from '../../ground/encoding/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import { type Credential, createPeerVerifier, type PeerVerifier } from '../../runtime/tls/index.ts';
import { failureCode, LoadFailure } from './failure-code.ts';
import type { LoadPlan, LoadTls } from './load-plan.ts';

export interface Dialling {
  /** The socket from its first moment on, so that who waits too long can destroy it. */
  readonly socket: Socket;
  /** Resolves when it can be used. */
  readonly open: Promise<void>;
}

/** @param protocol what ALPN asks for (RFC 7301) */
export type Dial = (protocol?: 'http/1.1' | 'h2') => Dialling;

/** What the endpoints offer. */
const defaultGroups = '*X25519MLKEM768:*X25519:P-256:P-384';

export function dialler({ target, groups = defaultGroups, minVersion = 'TLSv1.3' }: LoadPlan): Dial {
  const { host, port, tls } = target;
  if (tls === 'none') return () => dialPlain(host, port);
  const { policy, trust } = tls;
  const verifier = createPeerVerifier({ peer: 'server', policy, trust, clock: trust.clock });
  const contextOf = contexts(tls, groups, minVersion);
  const servername = target.servername ?? host;
  return (protocol) => {
    const socket = connectTls({
      host,
      port,
      servername: isIP(servername) === 0 ? servername : '',
      secureContext: contextOf(tls.credentials.current()),
      ...(protocol === undefined ? {} : { ALPNProtocols: [protocol] }),
      rejectUnauthorized: true,
      // The second stage takes its place, as at every endpoint.
      checkServerIdentity: () => undefined,
    });
    socket.setNoDelay(true);
    return { socket, open: secured(socket, { verifier, protocol, address: `${host}:${port}` }) };
  };
}

function dialPlain(host: string, port: number): Dialling {
  const socket = connectTcp({ host, port, noDelay: true });
  const open = new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve();
    });
  });
  return { socket, open };
}

/** One for each credential, since building one costs as much as a handshake. */
function contexts(
  { trust }: LoadTls,
  groups: string,
  minVersion: 'TLSv1.2' | 'TLSv1.3',
): (credential: Credential) => SecureContext {
  const made = new WeakMap<Credential, SecureContext>();
  const certificates = trust.bundles.current().all();
  const ca = certificates.flatMap(({ anchors, intermediates }) =>
    [...anchors, ...intermediates].map(({ raw }) => encodePem('CERTIFICATE', raw)),
  );
  return (credential) => {
    const known = made.get(credential);
    if (known !== undefined) return known;
    const cert = credential.chain.map((der) => encodePem('CERTIFICATE', der)).join('');
    const context = createContext({ key: credential.privateKey.toPem(), cert, ca, ecdhCurve: groups, minVersion });
    made.set(credential, context);
    return context;
  };
}

function createContext(options: Parameters<typeof createSecureContext>[0]): SecureContext {
  try {
    return createSecureContext(options);
  } catch (error) {
    throw new Refusal('CS-TLS-007', { reason: failureCode(error) }, { cause: error });
  }
}

interface Expected {
  readonly verifier: PeerVerifier;
  readonly protocol: string | undefined;
  readonly address: string;
}

function secured(socket: TLSSocket, { verifier, protocol, address }: Expected): Promise<void> {
  return new Promise((resolve, reject) => {
    const closed = (): void => reject(new LoadFailure('CLOSED'));
    socket.once('error', reject);
    socket.once('close', closed);
    socket.once('secureConnect', () => {
      socket.off('error', reject).off('close', closed);
      try {
        requirePeer(socket, verifier, address);
        // A server without HTTP/2 may also go on without a word about the protocol.
        if (protocol === 'h2' && socket.alpnProtocol !== 'h2')
          throw new Refusal('CS-TLS-001', { address, reason: 'the server agrees to no HTTP/2 (ALPN h2)' });
        resolve();
      } catch (error) {
        socket.on('error', () => undefined).destroy();
        reject(error instanceof Error ? error : new LoadFailure('unknown'));
      }
    });
  });
}

function requirePeer(socket: TLSSocket, verifier: PeerVerifier, address: string): void {
  // A generator that resumed would measure something else than it says.
  if (socket.isSessionReused()) throw new Refusal('CS-TLS-005', { address });
  const leaf = socket.getPeerX509Certificate();
  if (leaf === undefined) throw new Refusal('CS-PEER-001', { address });
  verifier.verifyPresented(leaf.raw, () => {
    const others: Uint8Array[] = [];
    for (let next = leaf.issuerCertificate; next !== undefined && others.length < 8; next = next.issuerCertificate)
      others.push(next.raw);
    return others;
  });
}
