/** beta's own company's authority, made with openssl: it certifies beta's key, for whichever days, and publishes a list of what it revoked. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock as clock } from 'countersign/clock';
import { exportJWK, importSPKI, type JWK } from 'jose';
import type { Programs } from './programs.ts';

const settings = `[ca]
default_ca = own
[own]
database = index.txt
new_certs_dir = .
rand_serial = yes
unique_subject = no
certificate = root.pem
private_key = root.key
default_md = sha256
default_crl_days = 7
policy = any
x509_extensions = client
[any]
organizationName = supplied
commonName = supplied
[client]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = clientAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = DNS:payments.beta.example
`;

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
const dayMs = 86_400_000;

export class Beta {
  readonly #programs: Programs;

  constructor(programs: Programs) {
    this.#programs = programs;
  }

  /** The authority, its list, and a key with a request. @returns the public key, as the bank registers it */
  async begin(): Promise<JWK> {
    const folder = join(this.#programs.folder, 'beta');
    await mkdir(folder);
    await writeFile(join(folder, 'ca.cnf'), settings);
    await writeFile(join(folder, 'index.txt'), '');
    const root = ['-subj', '/O=Beta/CN=Beta Root', '-addext', 'keyUsage=critical,keyCertSign,cRLSign', '-days', '3650'];
    await Promise.all([
      this.#openssl('req', '-x509', ...newKey, ...root, '-keyout', 'root.key', '-out', 'root.pem'),
      this.#openssl('req', '-new', ...newKey, '-subj', '/O=Beta/CN=payments', '-keyout', 'key.pem', '-out', 'beta.csr'),
    ]);
    await this.#openssl('ca', '-config', 'ca.cnf', '-gencrl', '-out', 'crl.pem');
    await this.#openssl('req', '-in', 'beta.csr', '-noout', '-pubkey', '-out', 'public.pem');
    return exportJWK(
      await importSPKI(await readFile(join(folder, 'public.pem'), 'utf8'), 'ES256', { extractable: true }),
    );
  }

  /** Of the same key, into `beta/FILE`. */
  async certify(file: string, fromDays: number, toDays: number): Promise<void> {
    const days = ['-startdate', opensslTime(fromDays), '-enddate', opensslTime(toDays)];
    await this.#openssl('ca', '-batch', '-notext', '-config', 'ca.cnf', '-in', 'beta.csr', ...days, '-out', file);
  }

  #openssl(...args: string[]): Promise<string> {
    return this.#programs.done('sh', ['-c', 'cd beta && exec openssl "$@"', 'openssl', ...args]);
  }
}

/** YYYYMMDDHHMMSSZ, so many days from now. */
function opensslTime(days: number): string {
  return `${new Date(clock.now() + days * dayMs).toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')}Z`;
}
