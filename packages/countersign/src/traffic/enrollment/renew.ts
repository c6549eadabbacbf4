/** The same certificate for another while: over mutual TLS while it is valid, by a proof with its key when it has expired or is for servers alone. */
import { type Clock, systemClock } from '../../ground/clock/index.ts';
import { encodePem, toBase64Url } from '../../ground/encoding/index.ts';
import { isRefusal } from '../../ground/errors/index.ts';
import { extendedKeyUsages } from '../../identity/x509/index.ts';
import {
  type Deadline,
  exchange,
  type IssuedCredential,
  renewalChallenge,
  renewalProof,
  renewExpiredOperation,
  renewOperation,
  saidByAuthority,
  startDeadline,
} from '../../runtime/api/index.ts';
import type { PrivateKey } from '../../runtime/cryptography/index.ts';
import { acceptIssued } from './accept-issued.ts';
import { type AuthorityLink, withAuthority } from './authority-link.ts';
import { type SignedRequest, signRequest } from './certification-request.ts';
import { type HeldCredential, namesOf, toBundles, toCredential } from './held-credential.ts';

export interface RenewOptions {
  readonly held: HeldCredential;
  /** Another key rekeys; default the same, which renews. */
  readonly privateKey?: PrivateKey;
  /** Default the machine's. */
  readonly clock?: Clock;
  /** The time for all of it in milliseconds; default 9,000. */
  readonly limitMs?: number;
  readonly signal?: AbortSignal;
}

export async function renew(options: RenewOptions): Promise<HeldCredential> {
  const { held, privateKey = held.privateKey, clock = systemClock, limitMs, signal } = options;
  const names = namesOf(held.leaf);
  const request = signRequest(names, privateKey);
  const link = { url: held.authority, rootSha256: held.rootSha256, bundles: toBundles(held), clock };
  const deadline = startDeadline(clock, limitMs, signal);
  try {
    const issued = await ask(held, request, link, deadline);
    return acceptIssued(issued, { privateKey, names, trustDomain: held.trustDomain, clock });
  } finally {
    deadline.cancel();
  }
}

async function ask(
  held: HeldCredential,
  request: SignedRequest,
  link: AuthorityLink,
  deadline: Deadline,
): Promise<IssuedCredential> {
  // notAfter includes its last second (RFC 5280, 4.1.2.5).
  const expired = link.clock.now() >= held.leaf.notAfter + 1000;
  if (expired || !mayCall(held.leaf)) return askByProof(held, request, link, deadline);
  try {
    return await askOverMutualTls(held, request, link, deadline);
  } catch (error) {
    // It expired on the way, or its clock is a little ahead of ours: that is what the other way is for.
    if (isRefusal(error) && error.code === 'CS-PEER-003' && saidByAuthority(error))
      return askByProof(held, request, link, deadline);
    throw error;
  }
}

/** Whether the authority would take it from a client (RFC 5280, 4.2.1.12). */
function mayCall({ extendedKeyUsage }: HeldCredential['leaf']): boolean {
  return extendedKeyUsage?.includes(extendedKeyUsages.clientAuth) ?? true;
}

function askOverMutualTls(
  held: HeldCredential,
  request: SignedRequest,
  link: AuthorityLink,
  deadline: Deadline,
): Promise<IssuedCredential> {
  return withAuthority({ ...link, credential: toCredential(held) }, deadline, async (connection) => {
    const { value } = await exchange(renewOperation, { request: request.pem }, connection, deadline);
    return value;
  });
}

function askByProof(
  held: HeldCredential,
  request: SignedRequest,
  link: AuthorityLink,
  deadline: Deadline,
): Promise<IssuedCredential> {
  return withAuthority(link, deadline, async (connection) => {
    const { challenge } = (await exchange(renewalChallenge, {}, connection, deadline)).value;
    // By the old key, also where the request is for a new one: the old one is what the certificate speaks for.
    const signature = toBase64Url(held.privateKey.sign(renewalProof({ challenge, request: request.der })));
    const certificate = encodePem('CERTIFICATE', held.leaf.raw);
    const proof = { certificate, request: request.pem, challenge, signature };
    return (await exchange(renewExpiredOperation, proof, connection, deadline)).value;
  });
}
