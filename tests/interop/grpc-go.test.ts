/** A Go client of google.golang.org/grpc calls our gRPC server: let in by its certificate, refused without one, with another authority's or name, never resumed. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import * as grpc from '@grpc/grpc-js';
import type { Refusal } from '../../packages/countersign/src/ground/errors/index.ts';
import { spiffeId } from '../../packages/countersign/src/identity/authorization/index.ts';
import { type Credential, MutableSource } from '../../packages/countersign/src/runtime/tls/index.ts';
import { createGrpcServer, peerOfCall } from '../../packages/countersign/src/surfaces/integrations/index.ts';
import { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { pemOf, presented } from '../bypass/presented.ts';
import { type Folder, temporaryFolder } from '../e2e/command.ts';
import { ofOneAnswer } from '../frameworks/grpc-calls.ts';
import { authority, callers, serverOptions } from '../frameworks/house.ts';
import { environment, missing, run } from './peers.ts';

let folder: Folder;
let program = '';

/** Of the module cache alone: it is a big library, and who works on something else need not fetch it. `go mod download` in peers/grpc does. */
function absent(): string | false {
  const without = missing('go');
  if (without !== false) return without;
  const env = { ...environment(), GO111MODULE: 'on', GOFLAGS: '-mod=readonly', GOPROXY: 'off' };
  const { status } = spawnSync('go', ['list', '-deps', '.'], { cwd: sources, env });
  if (status === 0) return false;
  const reason =
    'google.golang.org/grpc is not in the module cache: nothing was shown of how its clients get on with our server';
  process.stderr.write(`SKIPPED: ${reason}\n`);
  return reason;
}

const sources = join(import.meta.dirname, 'peers/grpc');
const skip = absent();

before(async () => {
  folder = await temporaryFolder();
  if (skip !== false) return;
  program = folder.in('client');
  const env = { ...environment(), GO111MODULE: 'on', GOFLAGS: '-mod=readonly', GOPROXY: 'off' };
  const { status, stderr } = spawnSync('go', ['build', '-o', program, '.'], { cwd: sources, env, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
});
after(() => folder.remove());

interface Served {
  readonly port: number;
  readonly refusals: readonly Refusal[];
  readonly policy: MutableSource<typeof callers>;
}

async function serving(t: TestContext): Promise<Served> {
  const refusals: Refusal[] = [];
  const policy = new MutableSource(callers);
  const served = createGrpcServer(policy, { ...serverOptions(refusals), onClosed: () => undefined }, grpc);
  const who: grpc.handleUnaryCall<string, string> = (call, callback) =>
    callback(null, `${call.request} from ${peerOfCall(call).name}`);
  served.server.addService({ who: ofOneAnswer('/test.Orders/Who') }, { who });
  t.after(() => served.close({ graceMs: 0 }));
  const { port } = await served.listen({ host: '127.0.0.1', port: 0 });
  return { port, refusals, policy };
}

async function goCalls(port: number, as: Credential | undefined, ...more: string[]): Promise<string[]> {
  await writeFile(folder.in('roots.pem'), pemOf([authority.root.raw]));
  const own: string[] = [];
  if (as !== undefined) {
    const { cert, key } = presented(as);
    await Promise.all([writeFile(folder.in('cert.pem'), cert), writeFile(folder.in('key.pem'), key)]);
    own.push('-cert', folder.in('cert.pem'), '-key', folder.in('key.pem'));
  }
  const where = ['-address', `127.0.0.1:${String(port)}`, '-name', 'orders.test', '-roots', folder.in('roots.pem')];
  const { status, out, err } = await run(program, [...where, ...own, ...more]);
  assert.equal(status, 0, err);
  return out.trim().split('\n');
}

test(
  'a Go client is let in, and the handler knows it; each connection is a handshake of its own',
  { skip },
  async (t) => {
    const { port, refusals } = await serving(t);
    const said = await goCalls(port, authority.issue('web'), '-times', '3');
    assert.deepEqual(
      said,
      Array.from({ length: 3 }, () => 'hello from spiffe://test.internal/web'),
    );
    assert.deepEqual(refusals, []);
  },
);

test(
  'a Go client without a certificate, of another authority or of another name is refused by name',
  { skip },
  async (t) => {
    const { port, refusals } = await serving(t);
    const strangers: readonly (readonly [Credential | undefined, RegExp, RegExp])[] = [
      [undefined, /^Unavailable /, /CS-PEER-001/],
      // Go keeps its certificate back where the server names other authorities than its own.
      [new TestAuthority().issue('web'), /^Unavailable /, /CS-PEER-00[12]/],
      [authority.issue('mallory'), /^(?:Unavailable|PermissionDenied) /, /CS-PEER-007/],
    ];
    for (const [as, said, code] of strangers) {
      const before = refusals.length;
      assert.match((await goCalls(port, as))[0] ?? '', said);
      assert.ok(refusals.length > before);
      for (const refusal of refusals.slice(before)) assert.match(refusal.code, code);
    }
  },
);

test('a Go client does not outlive a policy by what it keeps', { skip }, async (t) => {
  const { port, policy } = await serving(t);
  const web = authority.issue('web');
  assert.match((await goCalls(port, web))[0] ?? '', /^hello from/);
  policy.set(spiffeId('spiffe://test.internal/admin'));
  assert.doesNotMatch((await goCalls(port, web, '-times', '2')).join('\n'), /hello from/);
});
