/** The file of configuration of a gateway that is measured: one partner and one route that are used, and as many beside them as are wanted. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodePem } from 'countersign/encoding';
import { readCertificatesPem } from 'countersign/x509';

export interface WantedConfiguration {
  /** With the files of `startTlsServer`. */
  readonly folder: string;
  readonly port: number;
  readonly upstreamPort: number;
  readonly partners: number;
  readonly routes: number;
}

/** @returns where it was written */
export function writeConfiguration({ folder, port, upstreamPort, partners, routes }: WantedConfiguration): string {
  const [, ...intermediates] = readCertificatesPem(readFileSync(join(folder, 'cert.pem'), 'utf8'));
  const pem = intermediates.map(({ raw }) => encodePem('CERTIFICATE', raw)).join('');
  writeFileSync(join(folder, 'intermediates.pem'), pem);
  const text = `version: 1
listen: { host: 127.0.0.1, port: ${port} }
credentials: { main: { folder: . } }
trust: { bench.internal: { anchors: [root.pem], intermediates: [intermediates.pem] } }
hosts: { orders.internal: { certificate: required, credential: main, trust: [bench.internal] } }
partners:
${others(partners - 1, (at) => partner(`partner-${at}`, `partner-${at}`))}${partner('web', 'web')}
routes:
${others(routes - 1, (at) => route(`route-${at}`, `/route-${at}/`, `partner-${at % Math.max(1, partners - 1)}`))}${route('all', '/', 'web')}
upstreams: { plain: { targets: ['http://127.0.0.1:${upstreamPort}'] } }
`;
  const path = join(folder, 'gateway.yaml');
  writeFileSync(path, text);
  return path;
}

function others(count: number, line: (at: number) => string): string {
  return Array.from({ length: count }, (_, at) => `${line(at)}\n`).join('');
}

function partner(name: string, path: string): string {
  return `  - { name: ${name}, trust: bench.internal, who: [{ spiffeId: spiffe://bench.internal/${path} }] }`;
}

function route(name: string, path: string, allowed: string): string {
  return `  - { name: ${name}, host: orders.internal, path: ${path}, allow: [${allowed}], upstream: plain }`;
}
