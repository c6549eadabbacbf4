/** Other people's clients ask our servers for a staple, and see what the authority's responder said: `openssl s_client -status` and `curl --cert-status`. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { encodePem } from '../../packages/countersign/src/ground/encoding/index.ts';
import { allowAnyPeer } from '../../packages/countersign/src/identity/authorization/index.ts';
import { withoutRevocation } from '../../packages/countersign/src/identity/revocation/index.ts';
import { BundleSet } from '../../packages/countersign/src/identity/spiffe/index.ts';
import type { AuthoritySettings } from '../../packages/countersign/src/issuing/server/index.ts';
import {
  armServer,
  createHttp2Server,
  createServer,
  fixedSource,
  MutableSource,
  type ServerOptions,
  Trust,
} from '../../packages/countersign/src/runtime/tls/index.ts';
import { startHouse } from '../authority/server-house.ts';
import { missing, run } from './peers.ts';

interface Scene {
  readonly options: ServerOptions;
  /** Files: of the trust anchor, of a client's chain, of its key. */
  readonly root: string;
  readonly chain: string;
  readonly key: string;
}

/** A service's certificate with what the responder says of it, fetched by `openssl ocsp`. */
async function scene(t: TestContext): Promise<Scene> {
  const settings: AuthoritySettings = { publishing: { listen: '127.0.0.1:0' } };
  const house = await startHouse(t, { settings: new MutableSource(settings) });
  const url = `${house.server.publishingUrl() ?? ''}/ocsp`;
  const [web, caller] = [await house.service('web', 'web.internal'), await house.service('caller')];
  const file = async (name: string, text: string): Promise<string> => {
    await writeFile(join(house.dir, name), text);
    return join(house.dir, name);
  };
  const pemOf = (...certificates: readonly { readonly raw: Uint8Array }[]): string =>
    certificates.map(({ raw }) => encodePem('CERTIFICATE', raw)).join('');
  const leaf = await file('web.pem', pemOf(web.leaf));
  const issuer = join(house.dir, 'authority', 'issuer.pem');
  const root = join(house.dir, 'authority', 'root.pem');
  const out = join(house.dir, 'web.der');
  const asked = ['ocsp', '-url', url, '-issuer', issuer, '-CAfile', root, '-verify_other', issuer, '-no_nonce'];
  const { out: said } = await run('openssl', [...asked, '-cert', leaf, '-respout', out]);
  assert.match(said, /: good/);
  const { trustDomain, intermediates, roots: anchors } = web;
  const bundles = new BundleSet(trustDomain, [{ trustDomain, anchors, intermediates, sequence: 1 }]);
  const clock = systemClock;
  return {
    options: {
      trust: new Trust({ bundles: fixedSource(bundles), revocations: fixedSource(withoutRevocation), clock }),
      credentials: fixedSource({
        chain: [web.leaf, ...intermediates].map(({ raw }) => raw),
        privateKey: web.privateKey,
      }),
      clock,
      minVersion: 'TLSv1.2',
      staple: fixedSource<Uint8Array | undefined>(new Uint8Array(await readFile(out))),
      onRefusal: () => undefined,
    },
    root,
    chain: await file('caller.pem', pemOf(caller.leaf, ...caller.intermediates)),
    key: await file('caller.key', caller.privateKey.toPem()),
  };
}

async function portsOf(t: TestContext, options: ServerOptions): Promise<readonly number[]> {
  const ours = [
    createServer(allowAnyPeer(), options, (_asked, response) => response.end('hello')),
    createHttp2Server(allowAnyPeer(), options, (_asked, response) => void response.end('hello')),
  ];
  const armed = createHttpsServer((_asked, response) => response.end('hello'));
  armServer(allowAnyPeer(), armed, options);
  t.after(async () => {
    armed.closeAllConnections();
    armed.close();
    for (const server of ours) await server.close({ graceMs: 0 });
  });
  await new Promise<void>((resolve) => armed.listen(0, '127.0.0.1', resolve));
  const ports = [(armed.address() as AddressInfo).port];
  for (const server of ours) ports.push((await server.listen({ host: '127.0.0.1', port: 0 })).port);
  return ports;
}

function calling(port: number | undefined): readonly string[] {
  return ['--resolve', `web.internal:${String(port)}:127.0.0.1`, `https://web.internal:${String(port)}/`];
}

const http2 = ['-tls1_3', '-alpn', 'h2'];

test(
  'openssl s_client -status sees the answer, on TLS 1.2 and 1.3, with and without HTTP/2',
  { skip: missing('openssl') },
  async (t) => {
    const { options, root, chain, key } = await scene(t);
    const own = ['-CAfile', root, '-cert', chain, '-key', key, '-status'];
    for (const [at, port] of (await portsOf(t, options)).entries())
      for (const version of [['-tls1_2'], ['-tls1_3'], ...(at === 2 ? [http2] : [])]) {
        const { out } = await run('openssl', ['s_client', '-connect', `127.0.0.1:${String(port)}`, ...version, ...own]);
        assert.match(out, /OCSP Response Status: successful[^]*Cert Status: good/, version.join(' '));
      }
  },
);

test(
  'curl --cert-status calls who staples, and nobody else',
  { skip: missing('curl') || missing('openssl') },
  async (t) => {
    const { options, root, chain, key } = await scene(t);
    const own = ['--cacert', root, '--cert', chain, '--key', key, '--cert-status', '-sS'];
    for (const port of await portsOf(t, options)) {
      const { out, err } = await run('curl', [...own, ...calling(port)]);
      assert.equal(out, 'hello', err);
    }
    const { staple: _staple, ...without } = options;
    const [port] = await portsOf(t, without);
    const { status, err } = await run('curl', [...own, ...calling(port)]);
    assert.equal(status, 91, err);
  },
);
