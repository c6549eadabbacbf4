/** A real authority, run by the real command, another one in this process for strangers, and our endpoints with certificates of theirs. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Dispatcher } from 'undici';
import { systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { parsePem } from '../../packages/countersign/src/ground/encoding/index.ts';
import { isRefusal, type Refusal } from '../../packages/countersign/src/ground/errors/index.ts';
import type { PeerPolicy } from '../../packages/countersign/src/identity/authorization/index.ts';
import { withoutRevocation } from '../../packages/countersign/src/identity/revocation/index.ts';
import { BundleSet } from '../../packages/countersign/src/identity/spiffe/index.ts';
import { readCertificatesPem } from '../../packages/countersign/src/identity/x509/index.ts';
import { openLocalAuthority } from '../../packages/countersign/src/runtime/api/index.ts';
import { parsePrivateKey } from '../../packages/countersign/src/runtime/cryptography/index.ts';
import {
  createDispatcher,
  createServer,
  type Credential,
  type CredentialSource,
  fixedSource,
  peerOf,
  Trust,
} from '../../packages/countersign/src/runtime/tls/index.ts';
import { enrollFolder } from '../../packages/countersign/src/traffic/enrollment/index.ts';
import { type Folder, type RunningAuthority, startAuthority, temporaryFolder } from '../e2e/command.ts';
import { openMortalAuthority } from '../e2e/killed/mortal-authority.ts';

/** Paths of what enrolment wrote. */
export interface Files {
  readonly cert: string;
  readonly key: string;
  readonly roots: string;
}

export interface Scene {
  readonly folder: Folder;
  readonly authority: RunningAuthority;
  /** web.internal, spiffe://dev.internal/web.internal */
  readonly web: Files;
  readonly db: Files;
  /** A certificate for web.internal by another authority, with the same trust domain's name. */
  readonly stranger: Files;
  token(name: string): Promise<string>;
  close(): Promise<void>;
}

export const webId = 'spiffe://dev.internal/web.internal';
export const dbId = 'spiffe://dev.internal/db.internal';

export async function openScene(): Promise<Scene> {
  const folder = await temporaryFolder();
  const [authority, other] = await Promise.all([
    startAuthority(folder.in('state')),
    openMortalAuthority({ dir: folder.in('other'), port: 0 }),
  ]);
  const [web, db, stranger] = await Promise.all([
    issue(authority.dir, 'web.internal', folder.in('web')),
    issue(authority.dir, 'db.internal', folder.in('db')),
    issue(folder.in('other'), 'web.internal', folder.in('stranger')),
  ]);
  return {
    folder,
    authority,
    web,
    db,
    stranger,
    token: (name) => tokenFor(authority.dir, name),
    close: async () => {
      await Promise.all([authority.stop(), other.close()]);
      await folder.remove();
    },
  };
}

async function issue(dir: string, name: string, out: string): Promise<Files> {
  await enrollFolder(out, { token: await tokenFor(dir, name) });
  return { cert: join(out, 'cert.pem'), key: join(out, 'key.pem'), roots: join(out, 'roots.pem') };
}

async function tokenFor(dir: string, name: string): Promise<string> {
  const local = openLocalAuthority(dir);
  try {
    return (await local.createToken({ names: [name], lifeSeconds: 600 })).token;
  } finally {
    await local.close();
  }
}

function credentialOf(files: Files): CredentialSource {
  const chain = parsePem(readFileSync(files.cert, 'utf8')).map(({ bytes }) => bytes);
  const credential: Credential = { chain, privateKey: parsePrivateKey(readFileSync(files.key, 'utf8')) };
  return fixedSource(credential);
}

/** Trusts what `files` came with. */
function trustOf(t: TestContext, files: Files): Trust {
  const anchors = readCertificatesPem(readFileSync(files.roots, 'utf8'));
  // As workloads have it: Node 24 loses what a client sends beside its leaf, so the issuers are known from one's own chain.
  const [, ...intermediates] = readCertificatesPem(readFileSync(files.cert, 'utf8'));
  const bundle = { trustDomain: 'dev.internal', anchors, intermediates, sequence: 1 };
  const trust = new Trust({
    bundles: fixedSource(new BundleSet('dev.internal', [bundle])),
    revocations: fixedSource(withoutRevocation),
    clock: systemClock,
  });
  t.after(() => trust.close());
  return trust;
}

export interface OurServer {
  readonly port: number;
  /** Whom it refused, in order. */
  readonly refusals: readonly Refusal[];
  /** Waits for the first of them. */
  refused(): Promise<Refusal>;
}

/** Our server with the certificate of `files`; it answers each request with the SPIFFE ID that it saw. */
export async function ourServer(t: TestContext, policy: PeerPolicy, files: Files): Promise<OurServer> {
  const refusals: Refusal[] = [];
  const first = Promise.withResolvers<Refusal>();
  const server = createServer(
    policy,
    {
      trust: trustOf(t, files),
      credentials: credentialOf(files),
      clock: systemClock,
      onRefusal: (refusal) => {
        refusals.push(refusal);
        first.resolve(refusal);
      },
    },
    (request, response) => response.end(`we saw ${String(peerOf(request).spiffeId)}`),
  );
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  t.after(() => server.close({ graceMs: 0 }));
  return { port, refusals, refused: () => first.promise };
}

/** Our client with the certificate of `files`, trusting the authority of `trusting`. */
export function ourClient(t: TestContext, policy: PeerPolicy, files: Files, trusting: Files = files): Dispatcher {
  const dispatcher = createDispatcher(policy, {
    trust: trustOf(t, trusting),
    credentials: credentialOf(files),
    clock: systemClock,
  });
  t.after(() => dispatcher.destroy());
  return dispatcher;
}

/** Our client without a certificate of its own. */
export function ourNamelessClient(t: TestContext, policy: PeerPolicy, trusting: Files): Dispatcher {
  const dispatcher = createDispatcher(policy, {
    trust: trustOf(t, trusting),
    serverAuthenticationOnly: true,
    clock: systemClock,
  });
  t.after(() => dispatcher.destroy());
  return dispatcher;
}

/** The code of the refusal with which `act` ends. */
export async function refusalOf(act: Promise<unknown>): Promise<string> {
  try {
    await act;
  } catch (error) {
    assert.ok(isRefusal(error), String(error));
    return error.code;
  }
  return assert.fail('not refused');
}
