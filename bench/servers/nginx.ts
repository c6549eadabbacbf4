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
    writeFileSync(
      path,
      nginxConfiguration(wanted, {
        server: [`ssl_ecdh_curve ${wanted.group};`],
        location: ['default_type text/plain;', 'return 200 ok;'],
      }),
    );
    return startPinned(program ?? 'nginx', ['-p', wanted.folder, '-e', join(wanted.folder, 'error.log'), '-c', path]);
  },
};

export interface NginxMore {
  /** Lines of the three blocks. */
  readonly http?: readonly string[];
  readonly server?: readonly string[];
  readonly location: readonly string[];
  /** Beside `ssl`. */
  readonly listen?: string;
}

/** One process, one server with mutual TLS 1.3, nothing resumed, no log. */
export function nginxConfiguration(
  { folder, certificate, key, root, port }: Omit<WantedServer, 'group'>,
  { http = [], server = [], location, listen = '' }: NginxMore,
): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const lines = (depth: number, all: readonly string[]): string =>
    all.map((line) => `${'  '.repeat(depth)}${line}\n`).join('');
  return `daemon off;
master_process off;
pid ${folder}/nginx.pid;
events { worker_connections 1024; }
http {
  access_log off;
${lines(1, [...temporary.map((name) => `${name}_temp_path ${folder}/${name};`), ...http])}  server {
    listen 127.0.0.1:${port} ssl${listen};
    ssl_certificate ${certificate};
    ssl_certificate_key ${key};
    ssl_client_certificate ${root};
    ssl_verify_client on;
    ssl_verify_depth 3;
    ssl_protocols TLSv1.3;
    ssl_session_tickets off;
    ssl_session_cache off;
${lines(2, server)}    location / {
${lines(3, location)}    }
  }
}
`;
}
