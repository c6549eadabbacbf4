/** What a program under `run` calls with: read from its folder, and read anew when `run` has replaced it there. */
import { readFileSync, statSync, watch } from 'node:fs';
import { join } from 'node:path';
import type { SecureContext } from 'node:tls';
import { type Clock, systemClock } from '../../ground/clock/index.ts';
import type { PeerPolicy } from '../../identity/authorization/index.ts';
import type { RevocationView } from '../../identity/revocation/index.ts';
import type { BundleSet } from '../../identity/spiffe/index.ts';
import { readCertificatesPem } from '../../identity/x509/index.ts';
import { parsePrivateKey } from '../../runtime/cryptography/index.ts';
import { type Credential, MutableSource, sharedContext, Trust } from '../../runtime/tls/index.ts';
import { openStatusMeans } from '../revocation-sources/index.ts';
import { isAmong } from './destination.ts';
import { outboundFile, type OutboundSettings, readOutboundFile } from './outbound-file.ts';
import { policyOfNames } from './peer-names.ts';
import { bundlesOf, revocationsOf } from './trust-snapshot.ts';

export class OutboundIdentity {
  readonly trust: Trust;
  readonly clock: Clock = systemClock;
  readonly #bundles: MutableSource<BundleSet>;
  readonly #revocations: MutableSource<RevocationView>;
  readonly #files: { readonly certificate: string; readonly key: string; readonly settings: string };
  #settings: OutboundSettings;
  #credential: Credential;
  #versions: string;

  /** @param folder where `run` keeps the certificate, the key and `outbound.json` @throws what reading them throws */
  constructor(folder: string, names: { readonly certificate: string; readonly key: string }) {
    this.#files = {
      certificate: join(folder, names.certificate),
      key: join(folder, names.key),
      settings: join(folder, outboundFile),
    };
    this.#versions = this.#versionsNow();
    this.#settings = readOutboundFile(this.#files.settings);
    this.#credential = this.#readCredential();
    this.#bundles = new MutableSource(bundlesOf(this.#settings.trust.bundle));
    this.#revocations = new MutableSource(revocationsOf(this.#settings.trust.revocations));
    const { means } = this.#settings;
    const opened = means && openStatusMeans(means, { clock: this.clock, toldByFeed: this.#bundles });
    this.trust = new Trust({
      ...{ bundles: this.#bundles, revocations: this.#revocations, clock: this.clock },
      ...opened?.trustOptions,
    });
    // For connections that live: a new one looks for itself. It must not keep the program from ending.
    const watcher = watch(folder, { persistent: false }, () => this.#catchUpOnNews());
    watcher.on('error', () => undefined);
  }

  isPublic(host: string): boolean {
    return isAmong(host, this.#settings.public);
  }

  get to(): PeerPolicy | undefined {
    const { to } = this.#settings;
    return to.length === 0 ? undefined : policyOfNames(to, this.trustDomain);
  }

  get trustDomain(): string {
    return this.#settings.trust.bundle.trustDomain;
  }

  /** For a connection that begins now. */
  context(): SecureContext {
    return sharedContext({ credential: this.#credential, bundles: this.#bundles.current(), minVersion: 'TLSv1.3' });
  }

  /** Reads what was replaced since the last time; three look-ups of a file where nothing was. @throws what reading throws */
  catchUp(): void {
    const versions = this.#versionsNow();
    if (versions === this.#versions) return;
    const settings = readOutboundFile(this.#files.settings);
    this.#credential = this.#readCredential();
    const before = this.#settings.trust;
    this.#settings = settings;
    this.#versions = versions;
    const { bundle, revocations } = settings.trust;
    if (JSON.stringify(bundle) !== JSON.stringify(before.bundle)) this.#bundles.set(bundlesOf(bundle));
    const { number, freshUntil } = before.revocations;
    if (revocations.number !== number || revocations.freshUntil !== freshUntil)
      this.#revocations.set(revocationsOf(revocations));
  }

  /** Where it can't be read, the lease ends what lives. */
  #catchUpOnNews(): void {
    try {
      this.catchUp();
    } catch {
      // The next call says why.
    }
  }

  #readCredential(): Credential {
    const chain = readCertificatesPem(readFileSync(this.#files.certificate, 'utf8')).map(({ raw }) => raw);
    return { chain, privateKey: parsePrivateKey(readFileSync(this.#files.key, 'utf8')) };
  }

  /** Each file is replaced whole, so another one has another inode or time. */
  #versionsNow(): string {
    const version = (path: string): string => {
      const { ino, mtimeMs, size } = statSync(path);
      return `${ino} ${mtimeMs} ${size}`;
    };
    return Object.values(this.#files).map(version).join(',');
  }
}
