/** The process of Countersign's server: `node countersign-process.ts FOLDER PORT [h2]`, without the repository's condition, so that it runs what is built. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { spiffeId } from 'countersign/authorization';
import { systemClock } from 'countersign/clock';
import { parsePrivateKey } from 'countersign/cryptography';
import { withoutRevocation } from 'countersign/revocation';
import { BundleSet } from 'countersign/spiffe';
import { createHttp2Server, createServer, fixedSource, Trust } from 'countersign/tls';
import { readCertificatesPem } from 'countersign/x509';

const [, , folder = '.', port = '0', protocol] = process.argv;
const text = (name: string): string => readFileSync(join(folder, name), 'utf8');

const chain = readCertificatesPem(text('cert.pem'));
const trustDomain = 'bench.internal';
const bundle = {
  trustDomain,
  anchors: readCertificatesPem(text('root.pem')),
  intermediates: chain.slice(1),
  sequence: 1,
};
const create = protocol === 'h2' ? createHttp2Server : createServer;
const server = create(
  spiffeId(`spiffe://${trustDomain}/web`),
  {
    trust: new Trust({
      bundles: fixedSource(new BundleSet(trustDomain, [bundle])),
      revocations: fixedSource(withoutRevocation),
      clock: systemClock,
    }),
    credentials: fixedSource({
      chain: chain.map(({ raw }) => raw),
      privateKey: parsePrivateKey(text('key.pem')),
    }),
    clock: systemClock,
  },
  (_request: unknown, response: { end(text: string): unknown }) => void response.end('ok'),
);
await server.listen({ host: '127.0.0.1', port: Number(port) });
