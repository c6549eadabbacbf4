/** What `verify` is asked: the certificates, and how they are to be judged. */
import type { PemBlock } from '../../ground/encoding/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import { HeldLists } from '../../identity/revocation/index.ts';
import {
  type Certificate,
  type CertificateList,
  type OcspResponse,
  type PathInput,
  type PathProfile,
  type PathPurpose,
  peerNameOf,
  type Weakness,
} from '../../identity/x509/index.ts';
import { verifySignature } from '../../runtime/cryptography/index.ts';
import type { Call } from '../call.ts';
import { cryptoObjects } from '../input/crypto-objects.ts';
import type { OptionValues } from '../option-values.ts';
import { lookAtServer, serverOptionsOf } from '../server/look-at-server.ts';
import { serverAddress } from '../server/server-address.ts';
import { fetchList, type Fetching, isAddress, requireHttp } from './fetched.ts';
import { feedFor, type HeardFeed, type UnheardFeed } from './hear-feed.ts';
import { readInput } from '../input/read-input.ts';
import { chainOf, loadCertificates, type Loaded, loadLists, loadResponses, together } from './load-certificates.ts';
import { isPublicSuffix } from './public-suffixes.ts';

export interface Question {
  readonly input: PathInput & { readonly anchors: readonly Certificate[]; readonly profile: PathProfile };
  readonly names: readonly string[];
  readonly allowed: readonly Weakness[];
  readonly leftOut: Loaded['leftOut'];
  /** What is asked about revocation; absent where neither a list nor an answer was given. */
  readonly revocation?: AskedRevocation;
}

export interface AskedRevocation {
  /** Absent where no list was given. */
  readonly lists?: HeldLists;
  readonly mostAgeMs?: number;
  /** Of OCSP responders. */
  readonly responses: readonly OcspResponse[];
  /** Of responders that are asked once there is a path. */
  readonly responders: readonly string[];
  /** Absent where none is to be heard. */
  readonly feed?: HeardFeed;
  /** The feed that nobody named and that could not be heard. */
  readonly unheard?: UnheardFeed;
}

export function fetchingOf({ options, world }: Call): Fetching {
  return { world, privateRanges: options.on('allow-private-revocation-sources') ? 'allow' : 'refuse' };
}

export async function readQuestion(call: Call): Promise<Question> {
  const { options, world } = call;
  const policies = policyInput(options);
  const { blocks, name, host } = await presented(call);
  const { leaf, others } = chainOf(blocks, name);
  const more = await loadCertificates('--intermediates', options.texts('intermediates'), world);
  const roots = await loadCertificates('--roots', options.texts('roots'), world);
  const fetching = fetchingOf(call);
  for (const option of ['crl', 'ocsp'])
    for (const text of options.texts(option).filter(isAddress)) requireHttp(`--${option}`, text);
  const lists = await loadLists('--crl', options.texts('crl'), (name, mostBytes) =>
    isAddress(name) ? fetchList(name, mostBytes, fetching) : readInput(name, world, mostBytes),
  );
  const answers = options.texts('ocsp').filter((text) => !isAddress(text));
  const responses = await loadResponses('--ocsp', answers, world);
  const feed = await feedFor(call, roots.certificates);
  if (feed === undefined) requireMeans(options);
  const allowed: Weakness[] = [
    ...(options.on('allow-sha1') ? (['sha1'] as const) : []),
    ...(options.on('allow-rsa-1024') ? (['rsa-1024'] as const) : []),
  ];
  const names = options.given('name') || host === undefined ? options.texts('name') : [host];
  const profile = (options.text('profile') ?? 'mutual-tls') as PathProfile;
  return {
    input: {
      leaf,
      intermediates: [...others.certificates, ...more.certificates],
      anchors: roots.certificates,
      at: options.time('at') ?? world.clock.now(),
      purpose: options.needed('purpose') as PathPurpose,
      verifySignature,
      profile,
      names: names.map(peerNameOf),
      policies,
      dangerouslyAllow: allowed,
      isPublicSuffix,
    },
    names,
    allowed,
    leftOut: [...together([others, more, roots]).leftOut, ...lists.leftOut],
    ...askedRevocation(options, lists.lists, responses, feed),
  };
}

function askedRevocation(
  options: OptionValues,
  lists: readonly CertificateList[],
  responses: readonly OcspResponse[],
  feed: HeardFeed | UnheardFeed | undefined,
): { revocation?: AskedRevocation } {
  if (!options.given('crl') && !options.given('ocsp') && feed === undefined) return {};
  const mostAgeMs = options.milliseconds('crl-max-age');
  return {
    revocation: {
      responses,
      responders: options.texts('ocsp').filter(isAddress),
      ...(options.given('crl') ? { lists: new HeldLists(lists) } : {}),
      ...(mostAgeMs === undefined ? {} : { mostAgeMs }),
      ...(feed === undefined ? {} : 'state' in feed ? { feed } : { unheard: feed }),
    },
  };
}

/** Who asks for an answer must not read a verdict without one. */
function requireMeans(options: OptionValues): void {
  if (!options.on('revocation') || options.given('crl') || options.given('ocsp')) return;
  throw new Refusal('CS-USAGE-004', {
    missing: '--crl or --ocsp, a FILE or URL, or --socket PATH: what says whether it is revoked',
    example: 'countersign verify cert.pem --roots r.pem --purpose client --revocation --ocsp answer.der',
  });
}

interface Presented {
  readonly blocks: readonly PemBlock[];
  readonly name: string;
  /** Of a server: the name that it was asked for, which its certificate must carry. */
  readonly host?: string;
}

async function presented({ arguments: [argument = ''], options, world }: Call): Promise<Presented> {
  const address = await serverAddress(argument, world);
  if (address === undefined)
    return { blocks: cryptoObjects(await readInput(argument, world), argument), name: argument };
  const asked = serverOptionsOf(options);
  const { certificates } = await lookAtServer(address, asked, world.clock);
  if (certificates.length === 0) throw new Refusal('CS-TLS-001', { address: argument, reason: 'no certificate' });
  const blocks = certificates.map((bytes) => ({ label: 'CERTIFICATE', bytes }));
  return { blocks, name: argument, host: asked.serverName ?? address.host };
}

function policyInput(options: OptionValues): NonNullable<PathInput['policies']> {
  const accepted = options.texts('policy');
  for (const value of accepted) {
    if (/^[0-2](\.(0|[1-9]\d*))+$/.test(value)) continue;
    const expected = 'an object identifier such as 2.23.140.1.2.1';
    throw new Refusal('CS-USAGE-003', { option: '--policy', value, expected });
  }
  return { ...(accepted.length === 0 ? {} : { accepted }), requireExplicit: options.on('require-policy') };
}
