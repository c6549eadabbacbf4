/** A gateway of Countersign's parts, as they are built: `node countersign-process.ts FOLDER PORT UPSTREAM-PORT`. It speaks either version of HTTP. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { spiffeId } from 'countersign/authorization';
import { systemClock } from 'countersign/clock';
import { parsePrivateKey } from 'countersign/cryptography';
import { isRefusal } from 'countersign/errors';
import { askedBy, headersForProgram, relayRequest, wayBackOver } from 'countersign/relay';
import { withoutRevocation } from 'countersign/revocation';
import { BundleSet } from 'countersign/spiffe';
import { createHttp2Server, fixedSource, peerOf, Trust } from 'countersign/tls';
import { createUpstream } from 'countersign/upstream';
import { readCertificatesPem } from 'countersign/x509';

const [, , folder = '.', port = '0', upstreamPort = '0'] = process.argv;
const text = (name: string): string => readFileSync(join(folder, name), 'utf8');

const chain = readCertificatesPem(text('cert.pem'));
const trustDomain = 'bench.internal';
const bundle = {
  trustDomain,
  anchors: readCertificatesPem(text('root.pem')),
  intermediates: chain.slice(1),
  sequence: 1,
};
const own = `spiffe://${trustDomain}/orders`;
const upstream = createUpstream({ name: 'bench', targets: [`http://127.0.0.1:${upstreamPort}`], clock: systemClock });
const server = createHttp2Server(
  spiffeId(`spiffe://${trustDomain}/web`),
  {
    trust: new Trust({
      bundles: fixedSource(new BundleSet(trustDomain, [bundle])),
      revocations: fixedSource(withoutRevocation),
      clock: systemClock,
    }),
    credentials: fixedSource({ chain: chain.map(({ raw }) => raw), privateKey: parsePrivateKey(text('key.pem')) }),
    clock: systemClock,
  },
  (request, response) => {
    const asked = askedBy(request);
    const chosen = upstream.choose();
    if (asked === undefined || isRefusal(chosen))
      throw new Error('a request of the benchmark has a form, and a target');
    const address = request.socket.remoteAddress ?? 'unknown';
    relayRequest({
      asked,
      wayBack: wayBackOver(response),
      upstream: chosen.target,
      program: chosen.program,
      headers: headersForProgram(asked.rawHeaders, peerOf(request), { own, address }),
      onUnsayable: (error) => {
        throw error;
      },
      onFailure: (error) => {
        throw error;
      },
    });
  },
);
await server.listen({ host: '127.0.0.1', port: Number(port) });
