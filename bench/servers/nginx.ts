/** nginx with one process. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from '../frame/server-process.ts';
import { absentUnlessKnown } from './program.ts';
import { startPinned, type TlsServerProduct, type WantedServer } from './tls-server.ts';

const program = findProgram('nginx');

export const nginx: TlsServerProduct = {
  name: 'nginx',
  absent: (group) => absentUnlessKnown(program, 'nginx', ['-V'], group),
  start: async (wanted) => {
    const path = join(wanted.folder, 'nginx.conf');
    writeFileSync(path, configuration(wanted));
    return startPinned(program ?? 'nginx', ['-p', wanted.folder, '-e', join(wanted.folder, 'error.log'), '-c', path]);
  },
};

function configuration({ folder, certificate, key, root, group, port }: WantedServer): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `daemon off;
master_process off;
pid ${folder}/nginx.pid;
events { worker_connections 1024; }
http {
  access_log off;
${temporary.map((name) => `  ${name}_temp_path ${folder}/${name};`).join('\n')}
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate ${certificate};
    ssl_certificate_key ${key};
    ssl_client_certificate ${root};
    ssl_verify_client on;
    ssl_verify_depth 3;
    ssl_protocols TLSv1.3;
    ssl_ecdh_curve ${group};
    ssl_session_tickets off;
    ssl_session_cache off;
    location / { default_type text/plain; return 200 ok; }
  }
}
`;
}
