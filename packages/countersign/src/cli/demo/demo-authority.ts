/** The demonstration's authority: the real one, on a free port, in a folder that goes with it; asked over its local socket. */
import type { Clock } from '../../ground/clock/index.ts';
import { type AdministeredAuthority, openLocalAuthority, type RevokeResponse } from '../../runtime/api/index.ts';
import { openAuthority, type OpenAuthority } from '../up/open-authority.ts';

const trustDomain = 'demo.internal';
const tokenLifeSeconds = 60;

export class DemoAuthority {
  readonly facts: { readonly trustDomain: string; readonly root: string; readonly url: string };
  readonly #authority: OpenAuthority;
  readonly #local: AdministeredAuthority;

  private constructor(authority: OpenAuthority, local: AdministeredAuthority) {
    this.#authority = authority;
    this.#local = local;
    this.facts = { trustDomain, root: authority.rootSha256, url: authority.url };
  }

  static async start(dir: string, clock: Clock): Promise<DemoAuthority> {
    const listen = { host: '127.0.0.1', port: 0 };
    // What it refuses is told by the services' side of the story.
    const authority = await openAuthority({ dir, listen, trustDomain, clock, log: () => undefined });
    return new DemoAuthority(authority, openLocalAuthority(dir, clock));
  }

  idOf(name: string): string {
    return `spiffe://${trustDomain}/${name}`;
  }

  async token(name: string, certificateLifeSeconds: number): Promise<string> {
    const request = { names: [name], lifeSeconds: tokenLifeSeconds, certificateLifeSeconds };
    return (await this.#local.createToken(request)).token;
  }

  revoke(serial: string): Promise<RevokeResponse> {
    return this.#local.revoke({ serial });
  }

  async close(): Promise<void> {
    await this.#local.close();
    await this.#authority.close();
  }
}
