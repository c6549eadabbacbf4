/** @peculiar/x509 on node's WebCrypto: the request read and verified, a certificate like a service's made and signed. */
import type { Subject } from '../frame/scenario.ts';
import { makeRequest } from './request.ts';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const dayMs = 24 * 3600 * 1000;

export const peculiarIssuing: Subject = {
  name: '@peculiar/x509',
  start: async () => {
    await import('reflect-metadata');
    const x509 = await import('@peculiar/x509');
    const der = Buffer.from(makeRequest('web.internal', 'spiffe://bench.internal/web').der);
    const issuer = await crypto.subtle.generateKey(algorithm, false, ['sign', 'verify']);
    const authorityKey = await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey);
    return {
      operation: async () => {
        const request = new x509.Pkcs10CertificateRequest(der);
        if (!(await request.verify())) throw new Error('the request does not verify');
        const now = Date.now();
        await x509.X509CertificateGenerator.create({
          serialNumber: Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString('hex'),
          subject: 'CN=web.internal',
          issuer: 'CN=bench issuer',
          notBefore: new Date(now),
          notAfter: new Date(now + dayMs),
          signingKey: issuer.privateKey,
          signingAlgorithm: algorithm,
          publicKey: request.publicKey,
          extensions: [
            new x509.BasicConstraintsExtension(false, undefined, true),
            new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
            new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
            new x509.SubjectAlternativeNameExtension([
              { type: 'dns', value: 'web.internal' },
              { type: 'url', value: 'spiffe://bench.internal/web' },
            ]),
            await x509.SubjectKeyIdentifierExtension.create(request.publicKey),
            authorityKey,
          ],
        });
      },
      close: async () => undefined,
    };
  },
};
