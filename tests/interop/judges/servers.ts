/** nginx, which judges its clients by a list or by asking the responder, and curl, which judges a server by a list or by what nginx staples for it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { environment, missing, run } from '../peers.ts';
import { absentProgram, findProgram } from './absent-program.ts';
import { completeList, each, type Judge, type Lists, type Verdict } from './judge.ts';
import { freePort } from '../../fixtures/free-port.ts';
import type { Judged, Status } from './judged.ts';

const absent = missing('curl') || missing('openssl') || absentProgram('nginx');

/** One nginx for what `config` says, while `act` runs. */
async function whileServing<T>(judged: Judged, port: number, servers: string, act: () => Promise<T>): Promise<T> {
  const { folder } = judged;
  const own = (name: string): string => folder.in(`${String(port)}.${name}`);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  await writeFile(
    own('conf'),
    `daemon off; master_process off; pid ${own('pid')}; error_log ${own('log')} info;
events { worker_connections 128; }
http {
  access_log off;
${temporary.map((kind) => `  ${kind}_temp_path ${own(kind)};`).join('\n')}
${servers}
}
`,
  );
  const args = ['-p', folder.path, '-e', own('log'), '-c', own('conf')];
  const server = spawn(findProgram('nginx') ?? 'nginx', args, { stdio: 'ignore', env: environment() });
  const end = once(server, 'exit');
  try {
    while (!(await listens(port))) {
      if (server.exitCode !== null) throw new Error(`nginx ended with ${String(server.exitCode)}`);
      await wait(20);
    }
    return await act();
  } finally {
    server.kill('SIGKILL');
    await end;
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

function curl(host: string, port: number, { root }: Judged, ...options: readonly string[]): ReturnType<typeof run> {
  const where = ['--connect-to', `${host}::127.0.0.1:${String(port)}`, `https://${host}/`];
  return run('curl', ['-q', '-sS', '-v', '--noproxy', '*', '--max-time', '15', '--cacert', root, ...options, ...where]);
}

/** A server that says what it made of its client. */
function verifying(judged: Judged, port: number, how: string): string {
  return `  server {
    listen 127.0.0.1:${String(port)} ssl;
    ssl_certificate ${judged.chain('good')};
    ssl_certificate_key ${judged.key('good')};
    ssl_client_certificate ${judged.anchors};
    ssl_verify_client optional;
    ssl_verify_depth 3;
    ${how}
    error_page 495 496 =200 /verdict;
    location / { return 200 "$ssl_client_verify"; }
  }`;
}

function ofNginx(
  name: string,
  source: Judge['source'],
  own: Lists,
  directives: (judged: Judged, list: string) => string,
): Judge {
  return {
    name: `nginx ${name}`,
    missing: absent,
    source,
    ...(source === 'lists' && { heedsScope: true }),
    judge: async (judged, statuses, lists = own) => {
      const verdicts: Verdict[] = [];
      for (const status of statuses) {
        const port = await freePort();
        const how = directives(judged, lists(judged, status));
        const said = await whileServing(judged, port, verifying(judged, port, how), () =>
          curl('good.internal', port, judged, '--cert', judged.chain(status), '--key', judged.key(status)),
        );
        verdicts.push(verdictOfNginx(said.out));
      }
      return verdicts;
    },
  };
}

function verdictOfNginx(said: string): Verdict {
  if (said === 'SUCCESS') return 'good';
  if (said === 'FAILED:certificate status unknown') return 'unknown';
  if (/^FAILED:.*revoked/.test(said)) return 'revoked';
  if (/^FAILED:.*(?:scope|unable to get certificate CRL)/.test(said)) return 'undetermined';
  return said;
}

/** Servers with the certificates in question, each stapling the responder's answer about its own. */
async function whilePresenting<T>(
  judged: Judged,
  statuses: readonly Status[],
  act: (port: (status: Status) => number) => Promise<T>,
): Promise<T> {
  const ports = new Map<Status, number>();
  for (const status of statuses) ports.set(status, await freePort());
  const servers = statuses.map(async (status) => {
    const staple = judged.folder.in(status, 'staple.der');
    const { issuer, responder, leaf, anchors } = judged;
    const asked = ['-issuer', issuer, '-url', responder, '-cert', leaf(status), '-respout', staple];
    await run('openssl', ['ocsp', '-no_nonce', '-noverify', ...asked]);
    return `  server {
    listen 127.0.0.1:${String(ports.get(status))} ssl;
    ssl_certificate ${judged.chain(status)};
    ssl_certificate_key ${judged.key(status)};
    ssl_trusted_certificate ${anchors};
    ssl_stapling on;
    ssl_stapling_file ${staple};
    location / { return 200 "served"; }
  }`;
  });
  const port = (status: Status): number => ports.get(status) ?? 0;
  return whileServing(judged, port(statuses[0] ?? 'good'), (await Promise.all(servers)).join('\n'), () => act(port));
}

function ofCurl(
  name: string,
  source: Judge['source'],
  own: Lists,
  options: (list: string) => readonly string[],
): Judge {
  return {
    name: `curl ${name}`,
    missing: absent,
    source,
    ...(source === 'lists' && { heedsScope: true }),
    judge: (judged, statuses, lists = own) =>
      whilePresenting(judged, statuses, (port) =>
        each(statuses, async (status) => {
          const asked = options(lists(judged, status));
          return verdictOfCurl(await curl(`${status}.internal`, port(status), judged, ...asked));
        }),
      ),
  };
}

function verdictOfCurl({ out, err }: Awaited<ReturnType<typeof run>>): Verdict {
  if (out === 'served') return 'good';
  if (/certificate revoked|revocation reason|status: revoked/i.test(err)) return /hold/i.test(err) ? 'held' : 'revoked';
  if (/status: unknown/i.test(err)) return 'unknown';
  return /different CRL scope|unable to get certificate CRL/i.test(err) ? 'undetermined' : out + err;
}

export const servers: readonly Judge[] = [
  ofNginx('ssl_crl, complete', 'lists', completeList, (_, list) => `ssl_crl ${list};`),
  // Of the whole chain: the root's own answers about its issuers as well.
  ofNginx('ssl_ocsp', 'responder', completeList, ({ responder }) => `ssl_ocsp on; ssl_ocsp_responder ${responder};`),
  ofCurl('--crlfile, complete', 'lists', completeList, (list) => ['--crlfile', list]),
  ofCurl('--cert-status, stapled by nginx', 'responder', completeList, () => ['--cert-status']),
];
