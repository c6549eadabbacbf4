/** The bank: its authority, the service behind, and the gateway, from the files of configuration beside this example; their addresses are exchanged for free ones. */
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import type { Bank } from './caller.ts';
import type { Programs, Running } from './programs.ts';

const example = join(import.meta.dirname, '..');

export interface RunningBank {
  readonly at: Bank;
  readonly authority: Running;
  readonly gateway: Running;
  /** `gateway.yaml` as it is in force. */
  readonly configuration: string;
  /** What the older server of tokens gives: bound to nothing. */
  readonly unboundToken: (clientId: string) => Promise<string>;
}

export class BankHouse {
  readonly #programs: Programs;

  constructor(programs: Programs) {
    this.#programs = programs;
  }

  /** @param betaKey as beta sent it */
  async startAuthority(
    betaKey: JWK,
  ): Promise<{ readonly url: string; readonly tokens: number; readonly authority: Running }> {
    const tokens = await freePort();
    await this.#write('authority.yaml', [
      ['127.0.0.1:7444', `127.0.0.1:${tokens}`],
      ['KeyOfBeta-x', betaKey.x ?? ''],
      ['KeyOfBeta-y', betaKey.y ?? ''],
    ]);
    const place = ['--dir', 'state', '--trust-domain', 'bank.test', '--config', 'authority.yaml'];
    const authority = this.#programs.serve('up', ...place, '--listen', '127.0.0.1:0', '--json');
    const { url } = await authority.heard({ event: 'ready' });
    return { url: String(url), tokens, authority };
  }

  /** The plain service. @returns its port */
  async startPayments(): Promise<number> {
    const payments = this.#programs.start(process.execPath, [join(example, 'payments.ts'), '0']);
    return Number((await payments.heard({ event: 'listening' }))['port']);
  }

  /** Keys of the older server of tokens. */
  async startLegacy(): Promise<RunningBank['unboundToken']> {
    const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
    await writeFile(
      join(this.#programs.folder, 'legacy.json'),
      JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'legacy', alg: 'ES256' }] }),
    );
    return (clientId) =>
      new SignJWT({ client_id: clientId, scope: 'statements' })
        .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'legacy' })
        .setIssuer('https://login.bank.test')
        .setAudience('https://api.bank.test')
        .setSubject(clientId)
        .setIssuedAt()
        .setExpirationTime('5 minutes')
        .sign(privateKey);
  }

  /** @returns what stands in the file */
  writeGateway({ url, tokens, payments }: { url: string; tokens: number; payments: number }): Promise<string> {
    return this.#write('gateway.yaml', [
      ['https://127.0.0.1:7443', url],
      ['https://127.0.0.1:7444', `https://127.0.0.1:${tokens}`],
      ['http://127.0.0.1:8080', `http://127.0.0.1:${payments}`],
      ['port: 8443', 'port: 0'],
      ['port: 8444', 'port: 0'],
    ]);
  }

  async startGateway(): Promise<{ readonly gateway: Running; readonly port: number; readonly check: number }> {
    const gateway = this.#programs.serve('gateway', 'gateway.yaml');
    const { port, check } = await gateway.heard({ event: 'listening' });
    return { gateway, port: Number(port), check: Number((check as { port?: number } | undefined)?.port) };
  }

  async #write(file: string, exchanged: readonly (readonly [string, string])[]): Promise<string> {
    let text = await readFile(join(example, file), 'utf8');
    for (const [from, to] of exchanged) {
      if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
      text = text.replaceAll(from, to);
    }
    await writeFile(join(this.#programs.folder, file), text);
    return text;
  }
}

/** The authority says where it serves itself, and nothing of its token endpoint. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
