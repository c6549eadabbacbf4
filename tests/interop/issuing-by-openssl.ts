/** A corporate authority that works with `openssl ca`: it issues, revokes, and makes revocation lists and answers of a responder. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../fixtures/free-port.ts';
import { type CorporateAuthority, type Extensions, openssl } from './corporate.ts';
import { environment } from './peers.ts';

export interface Issued {
  /** Paths of files, PEM. */
  readonly certificate: string;
  readonly key: string;
}

export interface OpensslResponder {
  readonly url: string;
  stop(): Promise<void>;
}

/** As a corporate authority would write it for who calls and serves. */
export function partnerExtensions(name: string): Extensions {
  return [
    'basicConstraints=critical,CA:FALSE',
    'keyUsage=critical,digitalSignature',
    'extendedKeyUsage=clientAuth,serverAuth',
    'subjectKeyIdentifier=hash',
    'authorityKeyIdentifier=keyid',
    `subjectAltName=DNS:${name}`,
  ];
}

export class IssuingByOpenssl {
  readonly authority: CorporateAuthority;
  readonly #folder: string;
  #count = 0;

  private constructor(folder: string, authority: CorporateAuthority) {
    this.#folder = folder;
    this.authority = authority;
  }

  static async open(folder: string, authority: CorporateAuthority): Promise<IssuingByOpenssl> {
    const own = new IssuingByOpenssl(folder, authority);
    const settings = [
      ...['[ca]', 'default_ca=own', '[own]', `database=${own.#path('index.txt')}`, `new_certs_dir=${folder}`],
      ...[`crlnumber=${own.#path('crlnumber')}`, 'rand_serial=yes', 'default_md=sha256', 'default_days=30'],
      ...['policy=policy', 'unique_subject=no', 'crl_extensions=list', '[policy]', 'commonName=supplied'],
      ...['[list]', 'authorityKeyIdentifier=keyid'],
    ];
    await writeFile(own.#path('issuing.cnf'), `${settings.join('\n')}\n`);
    await writeFile(own.#path('index.txt'), '');
    await writeFile(own.#path('crlnumber'), '01\n');
    return own;
  }

  async issue(name: string, extensions: Extensions = partnerExtensions(name)): Promise<Issued> {
    this.#count += 1;
    const [key, request, certificate, file] = ['key', 'req', 'pem', 'ext'].map((kind) =>
      this.#path(`issued-${String(this.#count)}.${kind}`),
    ) as [string, string, string, string];
    await writeFile(file, `${extensions.join('\n')}\n`);
    await openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', key);
    await openssl('req', '-new', '-key', key, '-subj', `/CN=${name}`, '-out', request);
    await this.#ca('-batch', '-notext', '-in', request, '-extfile', file, '-out', certificate);
    return { certificate, key };
  }

  async revoke({ certificate }: Issued): Promise<void> {
    await this.#ca('-revoke', certificate, '-crl_reason', 'keyCompromise');
  }

  /** A list of now, good for `hours`, PEM. */
  async list(hours: number = 1): Promise<Buffer> {
    const out = this.#path('list.pem');
    await this.#ca('-gencrl', '-crlhours', String(hours), '-out', out);
    return readFile(out);
  }

  /** `openssl ocsp` over the index as it is now; what is revoked later it does not know. */
  async startResponder(port?: number): Promise<OpensslResponder> {
    const { certificate, key } = this.authority;
    const chosen = port ?? (await freePort());
    const child = spawn(
      'openssl',
      [
        ...['ocsp', '-port', String(chosen), '-index', this.#path('index.txt'), '-nmin', '10', '-text'],
        ...['-CA', certificate, '-rsigner', certificate, '-rkey', key],
      ],
      { stdio: ['ignore', 'ignore', 'pipe'], env: environment() },
    );
    await new Promise<void>((resolve, reject) => {
      let said = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        if (/waiting for OCSP client connections/i.test(said)) resolve();
      });
      child.once('exit', () => reject(new Error(`openssl ocsp ended: ${said}`)));
    });
    return {
      url: `http://127.0.0.1:${String(chosen)}/`,
      stop: async () => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const gone = once(child, 'exit');
        child.kill();
        await gone;
      },
    };
  }

  #ca(...args: string[]): Promise<string> {
    const { certificate, key } = this.authority;
    return openssl('ca', '-config', this.#path('issuing.cnf'), '-cert', certificate, '-keyfile', key, ...args);
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }
}
