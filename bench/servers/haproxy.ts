/** HAProxy with one thread. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from '../frame/server-process.ts';
import { absentUnlessKnown } from './program.ts';
import { startPinned, type TlsServerProduct, type WantedServer } from './tls-server.ts';

const program = findProgram('haproxy');

export const haproxy: TlsServerProduct = {
  name: 'haproxy',
  absent: (group) => absentUnlessKnown(program, 'HAProxy', ['-vv'], group),
  start: async (wanted) => {
    const path = join(wanted.folder, 'haproxy.cfg');
    writeFileSync(path, configuration(wanted));
    return startPinned(program ?? 'haproxy', ['-db', '-f', path]);
  },
};

function configuration({ folder, certificate, key, root, group, port }: WantedServer): string {
  const both = join(folder, 'both.pem');
  writeFileSync(both, readFileSync(certificate, 'utf8') + readFileSync(key, 'utf8'), { mode: 0o600 });
  return `global
  nbthread 1
  tune.ssl.cachesize 0
defaults
  mode http
  timeout client 10s
  timeout connect 10s
  timeout server 10s
frontend bench
  bind 127.0.0.1:${port} ssl crt ${both} ca-file ${root} verify required curves ${group} ssl-min-ver TLSv1.3 no-tls-tickets alpn http/1.1
  http-request return status 200 content-type text/plain string ok
`;
}
