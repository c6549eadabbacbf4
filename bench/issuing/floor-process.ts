/**
 * What nobody can save who issues over HTTPS on Node: a bare node:https server that verifies the request's signature, signs once, and answers with a
 * certificate that it made earlier. No policy, no record, no log. Says `{"port","ca"}` when it listens.
 */
import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import {
  authorityServerProfile,
  createAuthority,
  issuerChain,
  memoryLedger,
  openAuthority,
  serviceProfile,
} from 'countersign/authority';
import { systemClock } from 'countersign/clock';
import { generatePrivateKey } from 'countersign/cryptography';
import { encodePem, parsePem } from 'countersign/encoding';
import { parseCertificationRequest } from 'countersign/x509';

/** As long as the part of a service's certificate that is signed. */
const toBeSigned = new Uint8Array(450);

const trustDomain = 'bench.internal';
const keys = createAuthority({ trustDomain, clock: systemClock });
const authority = await openAuthority({ keys, ledger: memoryLedger(), clock: systemClock });
const above = issuerChain(keys)
  .map(({ raw }) => encodePem('CERTIFICATE', raw))
  .join('');
const ca = encodePem('CERTIFICATE', keys.anchor.raw);

async function chainFor(publicKey: Uint8Array, names: readonly string[], profile = serviceProfile): Promise<string> {
  const order = { profile, publicKey, origin: 'bench:floor' };
  const { certificate } = await authority.issue({ ...order, names: [`spiffe://${trustDomain}/floor`, ...names] });
  return encodePem('CERTIFICATE', certificate) + above;
}

const issuer = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const made = new Map<string, string>();

async function answerTo(body: Buffer): Promise<string> {
  const { request } = JSON.parse(body.toString()) as { request: string };
  const [block] = parsePem(request);
  if (block === undefined) throw new TypeError('a request is expected');
  const { signed, signature, publicKey } = parseCertificationRequest(block.bytes);
  const key = createPublicKey({ key: Buffer.from(publicKey.raw), format: 'der', type: 'spki' });
  if (!verify('sha256', signed, key, signature)) throw new TypeError('the request does not verify');
  sign('sha256', toBeSigned, issuer);
  const certificates = made.get(request) ?? (await chainFor(publicKey.raw, ['web.internal']));
  made.set(request, certificates);
  return JSON.stringify({ certificates });
}

function isAuthorized(socket: Socket): boolean {
  return 'authorized' in socket && socket.authorized === true;
}

const own = generatePrivateKey('P-256');
const server = createServer(
  {
    cert: await chainFor(own.publicKey.raw, ['127.0.0.1'], authorityServerProfile),
    key: own.toPem(),
    ca,
    minVersion: 'TLSv1.3',
    requestCert: true,
    rejectUnauthorized: false,
  },
  (request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      if (request.url === '/renew' && !isAuthorized(request.socket)) {
        response.writeHead(403).end();
        return;
      }
      void answerTo(Buffer.concat(parts)).then((text) => {
        response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) });
        response.end(text);
      });
    });
  },
);
server.listen(0, '127.0.0.1', () =>
  process.stdout.write(`${JSON.stringify({ port: (server.address() as AddressInfo).port, ca })}\n`),
);
