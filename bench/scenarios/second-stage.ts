/**
 * What stands between OpenSSL's handshake and the first byte: reading the peer's certificate, verifying it, entering the live connections. For a peer that
 * is known beside the reading alone, and for one that is not beside the bare verification of its path's two signatures.
 */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { spiffeId } from 'countersign/authorization';
import { systemClock } from 'countersign/clock';
import { generatePrivateKey, verifySignature } from 'countersign/cryptography';
import { encodePem } from 'countersign/encoding';
import { withoutRevocation } from 'countersign/revocation';
import { TestAuthority } from 'countersign/testing';
import { createPeerVerifier, fixedSource, type PeerVerifier, type RestingConnection, Trust } from 'countersign/tls';
import { type Certificate, parseCertificate, type SignatureAlgorithm } from 'countersign/x509';
import type { Goal, Running, Subject } from '../frame/scenario.ts';

export const scenario = 'second-stage';

/** So many in one operation, as the machinery around one costs as much as the act. */
const acts = 50;

const authority = new TestAuthority();

export const subjects: readonly Subject[] = [
  { name: 'known peer', start: async () => knownPeer(() => stage(verifierOf())) },
  { name: '.raw alone', start: async () => knownPeer(() => requireOctets) },
  {
    name: 'unknown peer',
    start: async () => onceEach((der) => der, stage(verifierOf())),
  },
  { name: 'two signatures', start: async () => onceEach(parseCertificate, requireSignatures) },
];

export const goals: readonly Goal[] = [
  {
    goal: 'us for a known peer beyond .raw',
    bound: 'at most',
    limit: 15,
    value: (cost) => cost('known peer') - cost('.raw alone'),
  },
  {
    goal: 'an unknown peer costs so many times the bare verification of its two signatures',
    bound: 'at most',
    limit: 1.35,
    value: (cost) => cost('unknown peer') / cost('two signatures'),
  },
];

type Look = (raw: Uint8Array) => void;

function verifierOf(): { verifier: PeerVerifier; trust: Trust } {
  const trust = new Trust({
    bundles: fixedSource(authority.bundles()),
    revocations: fixedSource(withoutRevocation),
    clock: systemClock,
  });
  const policy = spiffeId('spiffe://test.internal/web');
  return { verifier: createPeerVerifier({ peer: 'client', policy, trust, clock: systemClock }), trust };
}

/** With what leaves the live connections again, so that they do not pile up. */
function stage({ verifier, trust }: ReturnType<typeof verifierOf>): Look {
  return (raw) => {
    const peer = verifier.verifyPresented(new Uint8Array(raw), () => []);
    const connection: RestingConnection = {
      peer,
      verifier,
      queued: undefined,
      doom: undefined,
      epoch: peer.epoch,
      dueAt: peer.notAfter + 1000,
      recheck: () => verifier.verifyAgain(peer),
      stand: () => undefined,
      refusalWhenDue: () => {
        throw new Error('nothing is due here');
      },
      close: () => undefined,
    };
    trust.enter(connection);
    trust.leave(connection);
  };
}

function requireSignatures(leaf: Certificate): void {
  const { issuer, root } = authority;
  if (!isSigned(leaf, issuer) || !isSigned(issuer, root)) throw new Error('not signed');
}

function isSigned(certificate: Certificate, by: Certificate): boolean {
  const { tbs, signature, signatureAlgorithm: algorithm } = certificate;
  return verifySignature(by.publicKey, algorithm as SignatureAlgorithm, tbs, signature);
}

function requireOctets({ length }: Uint8Array): void {
  if (length === 0) throw new Error('an empty certificate');
}

async function knownPeer(make: () => Look): Promise<Running> {
  const [socket, close] = await serverSideOf();
  const look = make();
  const operation = async (): Promise<void> => {
    for (let act = 0; act < acts; act++) {
      const certificate = socket.getPeerX509Certificate();
      if (certificate === undefined) throw new Error('no certificate');
      look(certificate.raw);
    }
  };
  return { acts, operation, close };
}

/** A certificate for each operation, made and read before it. */
function onceEach<T>(read: (der: Uint8Array) => T, act: (certificate: T) => void): Running {
  const key = generatePrivateKey('P-256');
  const made: T[] = [];
  return {
    prepare: (operations) => {
      while (made.length < operations) made.push(read(authority.issue('web', { key }).chain[0] ?? new Uint8Array()));
    },
    operation: async () => {
      const certificate = made.pop();
      if (certificate === undefined) throw new Error('too few were made');
      act(certificate);
    },
    close: async () => undefined,
  };
}

/** A session of mutual TLS as node:tls holds it on the server. */
async function serverSideOf(): Promise<[TLSSocket, () => Promise<void>]> {
  const ca = encodePem('CERTIFICATE', authority.root.raw);
  const [server, client] = ['orders', 'web'].map((name) => {
    const { chain, privateKey } = authority.issue(name);
    return { cert: chain.map((der) => encodePem('CERTIFICATE', der)).join(''), key: privateKey.toPem(), ca };
  });
  const listening = createServer({ ...server, requestCert: true, rejectUnauthorized: true }).listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const accepted = once(listening, 'secureConnection');
  const { port } = listening.address() as AddressInfo;
  const calling = connect({ ...client, port, host: '127.0.0.1', checkServerIdentity: () => undefined });
  const [socket] = (await accepted) as [TLSSocket];
  const close = async (): Promise<void> => {
    calling.destroy();
    socket.destroy();
    listening.close();
  };
  return [socket, close];
}
