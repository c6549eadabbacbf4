/** Corporate authorities made by OpenSSL: roots and intermediates of every kind, and their answers to a request of ours. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './peers.ts';

export interface CorporateAuthority {
  readonly certificate: string;
  readonly key: string;
}

/** Extensions, as `openssl x509 -extfile` takes them. */
export type Extensions = readonly string[];

export const authorityExtensions: Extensions = [
  'basicConstraints=critical,CA:TRUE',
  'keyUsage=critical,keyCertSign,cRLSign',
  'subjectKeyIdentifier=hash',
];

/** Of an issuer of ours, as a corporate authority would write them. */
export const issuerExtensions: Extensions = [
  'basicConstraints=critical,CA:TRUE,pathlen:0',
  'keyUsage=critical,keyCertSign,cRLSign',
  'subjectKeyIdentifier=hash',
  'authorityKeyIdentifier=keyid',
];

export async function openssl(...args: string[]): Promise<string> {
  const { status, out, err } = await run('openssl', args);
  assert.equal(status, 0, `openssl ${args.join(' ')}: ${err}`);
  return out;
}

export class Corporation {
  readonly folder: string;
  #count = 0;

  constructor(folder: string) {
    this.folder = folder;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  async root(name: string, extensions: Extensions = authorityExtensions): Promise<CorporateAuthority> {
    this.#count += 1;
    const [key, certificate] = [this.path(`root-${this.#count}.key`), this.path(`root-${this.#count}.pem`)];
    const added = extensions.flatMap((extension) => ['-addext', extension]);
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key];
    // An empty configuration, since the system's adds basicConstraints of its own.
    await writeFile(this.path('req.cnf'), '[req]\ndistinguished_name=dn\n[dn]\n');
    const subject = ['-subj', `/O=Corp/CN=${name}`, '-config', this.path('req.cnf')];
    await openssl('req', '-x509', ...kind, '-out', certificate, '-days', '3650', ...subject, ...added);
    return { certificate, key };
  }

  async intermediate(
    name: string,
    by: CorporateAuthority,
    extensions: Extensions = [...authorityExtensions, 'authorityKeyIdentifier=keyid'],
  ): Promise<CorporateAuthority> {
    const [key, request] = [this.path(`${name}.key`), this.path(`${name}.req`)];
    await openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', key);
    await openssl('req', '-new', '-key', key, '-subj', `/O=Corp/CN=${name}`, '-out', request);
    return { certificate: await this.certify(request, by, extensions), key };
  }

  /** @returns the path of the certificate */
  async certify(
    request: string,
    by: CorporateAuthority,
    extensions: Extensions = issuerExtensions,
    days: number = 365,
  ): Promise<string> {
    const { out, file } = await this.#answer(extensions);
    const ca = ['-CA', by.certificate, '-CAkey', by.key, '-CAcreateserial'];
    await openssl('x509', '-req', '-in', request, ...ca, '-days', String(days), '-extfile', file, '-out', out);
    return out;
  }

  /** Valid in 2020 alone, which `openssl x509` can not write. */
  async certifyIn2020(request: string, by: CorporateAuthority): Promise<string> {
    const { out, file } = await this.#answer(issuerExtensions);
    const settings = this.path('ca.cnf');
    const policy = '[policy]\norganizationName=optional\ncommonName=supplied\n';
    const database = `[ca]\ndefault_ca=own\n[own]\ndatabase=${this.path('index.txt')}\nnew_certs_dir=${this.folder}\n`;
    await writeFile(settings, `${database}default_md=sha256\npolicy=policy\nrand_serial=yes\n${policy}`);
    await writeFile(this.path('index.txt'), '');
    await openssl(
      ...['ca', '-batch', '-notext', '-config', settings, '-cert', by.certificate, '-keyfile', by.key, '-in', request],
      ...['-startdate', '20200101000000Z', '-enddate', '20201231000000Z', '-extfile', file, '-out', out],
    );
    return out;
  }

  async #answer(extensions: Extensions): Promise<{ out: string; file: string }> {
    this.#count += 1;
    const [out, file] = [this.path(`answer-${this.#count}.pem`), this.path(`answer-${this.#count}.ext`)];
    await writeFile(file, `${extensions.join('\n')}\n`);
    return { out, file };
  }

  /** PKCS#7 in DER, as Windows authorities answer. */
  async pkcs7(...certificates: string[]): Promise<string> {
    const out = this.path('answer.p7b');
    const files = certificates.flatMap((file) => ['-certfile', file]);
    await openssl('crl2pkcs7', '-nocrl', ...files, '-outform', 'DER', '-out', out);
    return out;
  }

  async pkcs12(certificate: string, key: string | undefined, others: string[], passphrase: string): Promise<string> {
    const [out, all] = [this.path('answer.p12'), this.path('others.pem')];
    await writeFile(all, (await Promise.all(others.map((file) => readFile(file, 'utf8')))).join(''));
    const own = key === undefined ? ['-nokeys'] : ['-inkey', key];
    const protection = ['-passout', `pass:${passphrase}`];
    await openssl('pkcs12', '-export', '-in', certificate, ...own, '-certfile', all, ...protection, '-out', out);
    return out;
  }
}
