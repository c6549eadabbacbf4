/** `openssl ca`, as scripts run it: a process for each certificate, which reads its configuration, keys and text database and rewrites the latter. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Subject } from '../frame/scenario.ts';
import { makeRequest } from './request.ts';

const configuration = `
[ca]
default_ca = bench
[bench]
database = DIR/index.txt
new_certs_dir = DIR
certificate = DIR/ca.pem
private_key = DIR/ca.key
rand_serial = yes
default_md = sha256
default_days = 1
unique_subject = no
policy = any
x509_extensions = service
[any]
commonName = supplied
[req]
distinguished_name = any
x509_extensions = root
[root]
basicConstraints = critical, CA:TRUE
subjectKeyIdentifier = hash
[service]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth, clientAuth
subjectAltName = DNS:web.internal, URI:spiffe://bench.internal/web
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
`;

export const opensslCa: Subject = {
  name: 'openssl-ca',
  start: async () => {
    const dir = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
    const config = join(dir, 'ca.cnf');
    writeFileSync(config, configuration.replaceAll('DIR', dir));
    writeFileSync(join(dir, 'index.txt'), '');
    writeFileSync(join(dir, 'request.pem'), makeRequest('web.internal').pem);
    const openssl = (...args: string[]): void => void execFileSync('openssl', args, { cwd: dir, stdio: 'ignore' });
    openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', 'ca.key');
    openssl('req', '-x509', '-config', config, '-key', 'ca.key', '-subj', '/CN=bench', '-days', '9', '-out', 'ca.pem');
    const issue = ['ca', '-config', config, '-batch', '-in', 'request.pem', '-out', 'issued.pem', '-notext'];
    return {
      operation: async () => openssl(...issue),
      cpuUs: ownAndChildrenUs,
      close: async () => rmSync(dir, { recursive: true, force: true }),
    };
  },
};

/** Ticks a second of /proc: USER_HZ, which is 100 on every architecture that Node runs on. */
const tickUs = 10_000;

/** utime, stime, cutime and cstime (proc(5)): those of children count once they were waited for. */
function ownAndChildrenUs(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) * tickUs;
}
