/** The front of a program that is run: its process, its news, and its return when it was lost. */
import type { Clock, Timer } from '../../ground/clock/index.ts';
import { encodePem } from '../../ground/encoding/index.ts';
import { type EvidenceOf, isRefusalCode, Refusal, type RefusalCode } from '../../ground/errors/index.ts';
import type { Agent } from '../../traffic/agent/index.ts';
import { type BundleSnapshot, bundleSnapshot } from '../../traffic/preload/index.ts';
import type { StapleMeans, StatusMeans } from '../../traffic/revocation-sources/index.ts';
import type { Upstream } from '../../traffic/relay/index.ts';
import type { FrontProtocol } from '../../traffic/sidecar/index.ts';
import { type FrontChild, startFrontChild } from './front-child.ts';
import type { CredentialMessage, FromFront, SaidRefusal, StartMessage } from './front-messages.ts';

export interface FrontPlace {
  readonly agent: Agent;
  readonly clock: Clock;
  readonly allow: readonly string[];
  readonly listen: { readonly host: string; readonly port: number };
  readonly protocol: FrontProtocol;
  readonly lease: StartMessage['lease'];
  readonly means: StatusMeans | undefined;
  readonly staple: StapleMeans | undefined;
  readonly onNews: (news: FromFront) => void;
}

/** A front that ended by itself is started again after this; until then nobody reaches the program. Own choice. */
const restartMs = 1_000;

export class Front {
  readonly #place: FrontPlace;
  readonly #endWatch: () => void;
  readonly #opened = Promise.withResolvers<{ host: string; port: number }>();
  #listen: FrontPlace['listen'];
  #child: FrontChild;
  #upstream: Upstream | undefined;
  #restart: Timer | undefined;
  #ended = false;

  constructor(place: FrontPlace) {
    this.#place = place;
    this.#listen = place.listen;
    this.#child = this.#start();
    this.#endWatch = place.agent.credentials.watch(() => this.#child.say(this.#credential()));
    this.#opened.promise.catch(() => undefined);
  }

  /** Resolves when it listens; rejects with CS-RUN-008. */
  get opened(): Promise<{ host: string; port: number }> {
    return this.#opened.promise;
  }

  setUpstream(upstream: Upstream): void {
    this.#upstream = upstream;
    this.#child.say({ type: 'upstream', upstream });
  }

  async end(): Promise<void> {
    this.#ended = true;
    this.#restart?.cancel();
    this.#endWatch();
    await this.#child.end();
  }

  #start(): FrontChild {
    const { lists = [] } = this.#place.means ?? {};
    return startFrontChild({
      onMessage: (news) => this.#hear(news),
      onExit: () => this.#lost(),
      files: lists.flatMap((source) => ('file' in source ? [source.file] : [])),
    });
  }

  #hear(news: FromFront): void {
    if (news.type === 'waiting') this.#introduce();
    if (news.type === 'failed') this.#opened.reject(refusalOf(news.refusal));
    if (news.type === 'listening') {
      // The same place again when it is started anew.
      this.#listen = { host: news.host, port: news.port };
      this.#opened.resolve(this.#listen);
    }
    this.#place.onNews(news);
  }

  #introduce(): void {
    const { agent, allow, protocol, lease, means, staple } = this.#place;
    const { authority, rootSha256, spiffeId } = agent.held;
    this.#child.say({
      type: 'start',
      lease,
      means,
      staple,
      credential: this.#credential(),
      bundle: this.#bundle(),
      authority,
      rootSha256,
      spiffeId,
      allow,
      listen: this.#listen,
      protocol,
    });
    if (this.#upstream !== undefined) this.#child.say({ type: 'upstream', upstream: this.#upstream });
  }

  #lost(): void {
    const { host, port } = this.#listen;
    this.#opened.reject(new Refusal('CS-RUN-008', { address: `${host}:${port}`, reason: 'its process ended' }));
    if (this.#ended) return;
    this.#restart = this.#place.clock.after(restartMs, () => (this.#child = this.#start()));
  }

  #credential(): CredentialMessage {
    const { privateKey, chain } = this.#place.agent.credentials.current();
    return {
      type: 'credential',
      key: privateKey.toPem(),
      chain: chain.map((der) => encodePem('CERTIFICATE', der)).join(''),
    };
  }

  #bundle(): BundleSnapshot {
    const set = this.#place.agent.bundles.current();
    const bundle = set.get(set.home);
    if (bundle === undefined) throw new TypeError('the bundles hold the home trust domain');
    return bundleSnapshot(bundle);
  }
}

/** What the other process said, as our own again. */
export function refusalOf({ code, evidence }: SaidRefusal): Refusal {
  if (!isRefusalCode(code)) throw new TypeError(`${code} is not in the registry of refusals`);
  return new Refusal(code, evidence as EvidenceOf<RefusalCode>);
}
