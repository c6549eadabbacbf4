/** A configuration with what it names: its file read and checked whole, certificates, keys and anchors read, or everything that is wrong. */
import { dirname, join, resolve } from 'node:path';
import { encodePem, equalBytes } from '../../../ground/encoding/index.ts';
import { isRefusal, type Refusal } from '../../../ground/errors/index.ts';
import { parseStrictObject } from '../../../identity/bound-tokens/index.ts';
import type { Bundle } from '../../../identity/spiffe/index.ts';
import { type Certificate, readCertificatesPem } from '../../../identity/x509/index.ts';
import { type Place, readPrivateFile, readTextFile } from '../../../runtime/config/index.ts';
import { parsePrivateKey } from '../../../runtime/cryptography/index.ts';
import type { Credential } from '../../../runtime/tls/index.ts';
import { checkListFile } from '../../revocation-sources/index.ts';
import { fixedKeys, type KeySource } from '../../token-sources/index.ts';
import { checkAnchors } from './check-anchors.ts';
import { checkApart } from './check-apart.ts';
import type { CheckedFile } from './check-configuration.ts';
import { type CacheReading, readRegistryCache } from '../registry/registry-cache.ts';
import type { CredentialSettings, GatewayFile, RegistrySettings, TrustSettings } from './gateway-file.ts';
import { isAddress } from './is-address.ts';
import { type LoadedSigning, loadSigning } from './load-signing.ts';
import { ProblemList } from './problems.ts';
import { readConfiguration } from './read-configuration.ts';

export interface LoadedConfiguration {
  readonly path: string;
  readonly file: GatewayFile;
  readonly credentials: ReadonlyMap<string, Credential>;
  readonly bundles: ReadonlyMap<string, Bundle>;
  /** What the cache of the registry holds; absent where there is no registry. */
  readonly cache?: CacheReading | undefined;
  readonly signing?: LoadedSigning | undefined;
  /** Keys of token issuers that stand in files, by the issuer's name in `tokens`. */
  readonly tokenKeys?: ReadonlyMap<string, KeyFile>;
  /** Keys of proxies in front that sign, by the name of their file. */
  readonly proxyKeys?: ReadonlyMap<string, KeyFile>;
  /** All files that it was read from. */
  readonly files: readonly string[];
  /** What stood in them, keys too: for workers, which take what was checked and nothing later. */
  readonly contents?: Contents;
}

/** By path. */
export type Contents = ReadonlyMap<string, string>;
/** The same text is the same keys. */
export interface KeyFile {
  readonly text: string;
  readonly keys: KeySource;
}

export type Loading =
  LoadedConfiguration | { readonly problems: readonly Refusal[]; readonly files: readonly string[] };

/** @param given what the files hold, in the place of the disk @throws CS-FILE-... where the file itself can not be read */
export async function loadConfiguration(path: string, given?: Contents): Promise<Loading> {
  const text = given?.get(path) ?? (await readConfiguration(path));
  const checked = await checkApart(text, path);
  if ('problems' in checked) return { ...checked, files: [path] };
  const reading = new Reading(path, checked, given);
  reading.contents.set(path, text);
  const credentials = new Map<string, Credential>();
  const bundles = new Map<string, Bundle>();
  for (const [name, settings] of Object.entries(checked.file.credentials)) {
    const credential = await reading.credential(['credentials', name], settings);
    if (credential !== undefined) credentials.set(name, credential);
  }
  for (const [name, settings] of Object.entries(checked.file.trust)) {
    const bundle = await reading.bundle(['trust', name], name, settings);
    if (bundle !== undefined) bundles.set(name, bundle);
    await reading.lists(['trust', name, 'revocation', 'crl'], settings);
  }
  checkAnchors(bundles, reading.problems);
  const tokenKeys = new Map<string, KeyFile>();
  for (const [name, { jwks }] of Object.entries(checked.file.tokens)) {
    if (jwks === undefined || isAddress(jwks)) continue;
    const keys = await reading.tokenKeys(['tokens', name, 'jwks'], jwks);
    if (keys !== undefined) tokenKeys.set(name, keys);
  }
  const proxyKeys = new Map<string, KeyFile>();
  for (const [name, { proxies = [] }] of Object.entries(checked.file.hosts))
    for (const [at, { signed }] of proxies.entries()) {
      if (signed === undefined) continue;
      const keys = await reading.tokenKeys(['hosts', name, 'proxies', at, 'signed', 'jwks'], signed.jwks);
      if (keys !== undefined) proxyKeys.set(signed.jwks, keys);
    }
  const signing = await loadSigning(checked.file.signing, reading);
  const { problems, files, contents } = reading;
  if (problems.found.length > 0) return { problems: problems.found, files };
  const { registry } = checked.file;
  // Not among the files that are watched: it is written here.
  const cache = registry && (await readRegistryCache(cachePathOf(path, registry), registry));
  return { path, file: checked.file, credentials, bundles, tokenKeys, proxyKeys, signing, files, contents, cache };
}

export function cachePathOf(path: string, { cache }: RegistrySettings): string {
  return resolve(dirname(resolve(path)), cache);
}

class Reading {
  readonly files: string[];
  readonly problems: ProblemList;
  readonly contents = new Map<string, string>();
  readonly #folder: string;
  readonly #given: Contents | undefined;

  constructor(path: string, { read }: CheckedFile, given?: Contents) {
    this.#given = given;
    this.files = [path];
    this.problems = new ProblemList(path, read);
    this.#folder = dirname(resolve(path));
  }

  async credential(place: Place, settings: CredentialSettings): Promise<Credential | undefined> {
    const { folder, certificate = join(folder ?? '', 'cert.pem'), key = join(folder ?? '', 'key.pem') } = settings;
    const step = (name: string): Place => [...place, folder === undefined ? name : 'folder'];
    const chain = await this.#certificates(step('certificate'), certificate);
    const privateKey = await this.#used(step('key'), key, async (path) =>
      parsePrivateKey(await this.read(path, readPrivateFile)),
    );
    const [leaf] = chain ?? [];
    if (leaf === undefined || chain === undefined || privateKey === undefined) return undefined;
    if (!equalBytes(leaf.publicKey.raw, privateKey.publicKey.raw)) {
      this.problems.unusableFile(step('key'), key, `it is not the key of the certificate in ${certificate}`);
      return undefined;
    }
    return { chain: chain.map(({ raw }) => raw), privateKey };
  }

  async bundle(place: Place, trustDomain: string, settings: TrustSettings): Promise<Bundle | undefined> {
    const read = async (kind: 'anchors' | 'intermediates'): Promise<Certificate[]> => {
      const lists: Certificate[][] = [];
      for (const [at, file] of settings[kind].entries())
        lists.push((await this.#certificates([...place, kind, at], file)) ?? []);
      return lists.flat();
    };
    const anchors = await read('anchors');
    const intermediates = await read('intermediates');
    if (settings.feed !== undefined && settings.feed.rootSha256 === undefined && anchors.length > 1)
      this.problems.wrongValue([...place, 'feed'], 'which of the anchors is its root? rootSha256 says it');
    return anchors.length === 0 ? undefined : { trustDomain, anchors, intermediates, sequence: 1 };
  }

  /** What is no list is refused here; whether one is out of date, or of the wrong issuer, is found out as peers come. */
  async lists(place: Place, { revocation }: TrustSettings): Promise<void> {
    for (const [at, source] of (revocation?.crl ?? []).entries()) {
      if (isAddress(source)) continue;
      // Not among the files whose change is a reload: whoever asks the lists reads them again as they change.
      await this.#tried([...place, at], source, checkListFile);
    }
  }

  tokenKeys(place: Place, file: string): Promise<KeyFile | undefined> {
    return this.#used(place, file, async (path) => {
      const text = await this.read(path, readTextFile);
      const jwks = parseStrictObject(Buffer.from(text));
      if (jwks === undefined) throw new TypeError('a key set is a JSON object that names no member twice');
      return { text, keys: fixedKeys(jwks) };
    });
  }

  #certificates(place: Place, file: string): Promise<Certificate[] | undefined> {
    return this.#used(place, file, async (path) => {
      const certificates = readCertificatesPem(await this.read(path, readTextFile));
      if (certificates.length === 0) throw new TypeError('no certificate in it');
      return certificates;
    });
  }

  /** Of one that the gateway writes itself, too: it is not followed. */
  pathOf(file: string): string {
    return resolve(this.#folder, file);
  }

  given(path: string): string | undefined {
    return this.#given?.get(path);
  }

  used<T>(place: Place, file: string, use: (path: string) => Promise<T>): Promise<T | undefined> {
    return this.#used(place, file, use);
  }

  async read(path: string, read: (path: string) => Promise<string>): Promise<string> {
    const text = this.#given?.get(path) ?? (await read(path));
    this.contents.set(path, text);
    return text;
  }

  async #used<T>(place: Place, file: string, use: (path: string) => Promise<T>): Promise<T | undefined> {
    this.files.push(resolve(this.#folder, file));
    return this.#tried(place, file, use);
  }

  async #tried<T>(place: Place, file: string, use: (path: string) => Promise<T>): Promise<T | undefined> {
    try {
      return await use(resolve(this.#folder, file));
    } catch (error) {
      const problem = isRefusal(error) || error instanceof Error ? error.message : String(error);
      this.problems.unusableFile(place, file, problem);
      return undefined;
    }
  }
}

/** Whether two hold the same certificates: then live connections need not be looked at again. */
export function sameBundle(one: Bundle, other: Bundle): boolean {
  const text = ({ anchors, intermediates }: Bundle): string =>
    [...anchors, { raw: new Uint8Array() }, ...intermediates].map(({ raw }) => encodePem('CERTIFICATE', raw)).join('');
  return text(one) === text(other);
}

export function sameCredential(one: Credential, other: Credential): boolean {
  return (
    one.chain.length === other.chain.length &&
    one.chain.every((der, at) => equalBytes(der, other.chain[at] ?? new Uint8Array())) &&
    equalBytes(one.privateKey.publicKey.raw, other.privateKey.publicKey.raw)
  );
}
