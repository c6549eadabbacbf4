/** The process of the responder: `node responder-process.ts PORT FOLDER`, which leaves in FOLDER what the other servers and the asker need. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  createAuthority,
  memoryLedger,
  ocspSigningProfile,
  openAuthority,
  serviceProfile,
} from 'countersign/authority';
import { systemClock } from 'countersign/clock';
import { certIdHash, generatePrivateKey } from 'countersign/cryptography';
import { encodePem, fromHex } from 'countersign/encoding';
import { allowance, defaultOcspRules, OcspResponder, signAhead } from 'countersign/ocsp';
import { withoutRevocation } from 'countersign/revocation';
import { listenForPublishing, ocspRoute } from 'countersign/server';
import { encodeCertId, encodeOcspRequest, encodeTbsRequest } from 'countersign/x509';

const [, , port = '0', folder = '.'] = process.argv;
const keys = createAuthority({ trustDomain: 'bench.internal', clock: systemClock });
const ledger = memoryLedger();
const authority = await openAuthority({ keys, ledger, clock: systemClock });
const [web, privateKey] = [generatePrivateKey('P-256'), generatePrivateKey('P-256')];
const { serialNumber } = await authority.issue({
  profile: serviceProfile,
  names: ['spiffe://bench.internal/web'],
  publicKey: web.publicKey.raw,
  origin: 'bench:web',
});
const { certificate, notAfterMs } = await authority.issue({
  profile: ocspSigningProfile,
  names: ['spiffe://bench.internal/countersign/ocsp'],
  publicKey: privateKey.publicKey.raw,
  origin: 'bench:ocsp',
});
const { certificate: issuer, issuerKey } = keys.issuer;
const key = {
  certificate,
  notAfterMs,
  keyHash: certIdHash('SHA-1', privateKey.publicKey.key),
  algorithm: privateKey.signatureAlgorithm,
  sign: (data: Uint8Array) => privateKey.sign(data),
};
const responder = new OcspResponder({
  ...{ issuer, issuerKey, key: () => key, inventory: ledger, clock: systemClock },
  revocations: () => withoutRevocation,
  rules: () => defaultOcspRules,
  allowance: allowance(systemClock),
});
const failed = (error: unknown): never => {
  throw error;
};
await signAhead({ responder, inventory: ledger, issuerKey, clock: systemClock, failed }).once();

const sha1 = (bytes: Uint8Array): Uint8Array => certIdHash('SHA-1', bytes);
const certId = encodeCertId(issuer, fromHex(serialNumber) ?? new Uint8Array(), 'SHA-1', sha1);
const request = encodeOcspRequest(encodeTbsRequest({ certIds: [certId] }));
writeFileSync(join(folder, 'request.der'), request);
writeFileSync(join(folder, 'issuer.pem'), encodePem('CERTIFICATE', issuer.raw));
writeFileSync(join(folder, 'responder.pem'), encodePem('CERTIFICATE', certificate));
writeFileSync(join(folder, 'responder.key'), privateKey.toPem(), { mode: 0o600 });
writeFileSync(join(folder, 'index.txt'), `V\t491231235959Z\t\t${serialNumber}\tunknown\t/CN=web\n`);

await listenForPublishing({
  listen: { host: '127.0.0.1', port: Number(port) },
  routes: [ocspRoute(() => responder)],
  log: ({ event }) => process.stderr.write(`${event}\n`),
});
