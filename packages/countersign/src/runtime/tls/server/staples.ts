/** Staples: the OCSP response that a server presents beside its own certificate, to clients that ask for one (RFC 6066, 8). */
import type { Server } from 'node:tls';
import type { Clock } from '../../../ground/clock/index.ts';
import { parseOcspResponse, parseCertificate } from '../../../identity/x509/index.ts';
import type { CredentialSource } from '../context/credential.ts';
import { defaultCredentials, isNamed, type NamedCredentials } from '../context/named-credentials.ts';
import type { Source } from '../trust/source.ts';

/** DER; `undefined` while there is none. */
export type StapleSource = Source<Uint8Array | undefined>;

/** For servers with credentials by server name, under the same names. */
export interface NamedStaples {
  readonly otherwise?: StapleSource;
  readonly byServerName: Readonly<Record<string, StapleSource>>;
}

/** Of what a server is given. */
export interface Stapling {
  readonly credentials: CredentialSource | NamedCredentials;
  readonly clock: Clock;
  readonly staple?: StapleSource | NamedStaples;
}

/** @throws TypeError for names without a credential, or where somebody else answers already: Node ends a handshake that is answered twice */
export function presentStaples(server: Server, options: Stapling): void {
  const pairs = pairsIn(options);
  if (pairs.length === 0) return;
  if (server.listenerCount('OCSPRequest') > 0) throw new TypeError('this server has a listener of OCSPRequest already');
  const { clock } = options;
  // The handshake waits until `done` is called: at once, once, and without an error, whatever is wrong with the staple.
  server.on('OCSPRequest', (leaf, _issuer, done: (error: Error | null, response?: Uint8Array) => void) => {
    done(null, stapleFor(leaf, pairs, clock.now()));
  });
}

interface Pair {
  readonly credentials: CredentialSource;
  readonly staple: StapleSource;
}

function pairsIn({ credentials, staple }: Stapling): readonly Pair[] {
  if (staple === undefined) return [];
  const otherwise = defaultCredentials(credentials);
  if ('current' in staple) return [{ credentials: otherwise, staple }];
  const named = Object.entries(staple.byServerName).map(([name, source]) => {
    const own = isNamed(credentials) ? credentials.byServerName[name] : undefined;
    if (own === undefined) throw new TypeError(`no credential has the server name ${JSON.stringify(name)} of a staple`);
    return { credentials: own, staple: source };
  });
  return staple.otherwise === undefined ? named : [...named, { credentials: otherwise, staple: staple.otherwise }];
}

/** By the certificate that is presented: Node tells neither the server name nor the connection. A source that fails has no staple. */
function stapleFor(leaf: Uint8Array, pairs: readonly Pair[], at: number): Uint8Array | undefined {
  for (const { credentials, staple } of pairs) {
    try {
      const [own] = credentials.current().chain;
      const response = own !== undefined && isSame(own, leaf) ? staple.current() : undefined;
      if (response !== undefined && speaksOf(response, leaf, at)) return response;
    } catch {
      continue;
    }
  }
  return undefined;
}

interface Spoken {
  readonly serialNumber: string;
  readonly nextUpdate: number | undefined;
}

const read = new WeakMap<Uint8Array, readonly Spoken[]>();

/** One about a certificate of before, or that ran out, would have clients refuse this server that do well without any. */
function speaksOf(response: Uint8Array, leaf: Uint8Array, at: number): boolean {
  const spoken = read.get(response) ?? spokenIn(response);
  read.set(response, spoken);
  const { serialNumber } = parseCertificate(new Uint8Array(leaf));
  return spoken.some((one) => one.serialNumber === serialNumber && at < (one.nextUpdate ?? Number.POSITIVE_INFINITY));
}

function spokenIn(response: Uint8Array): readonly Spoken[] {
  const parsed = parseOcspResponse(response);
  if (parsed.status !== 'successful') return [];
  return parsed.basic.responses.map(({ certId, nextUpdate }) => ({ serialNumber: certId.serialNumber, nextUpdate }));
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((octet, at) => octet === other[at]);
}
