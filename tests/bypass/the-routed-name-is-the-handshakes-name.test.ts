/**
 * Class B. A client shakes hands with one host (SNI) and asks for another (Host, `:authority`, the target of a request): what was decided in the
 * handshake is then not about what is served. Whatever a router could read as another name is answered 421, or not at all.
 * Stands for: Caddy CVE-2018-21246; Traefik CVE-2022-23632, CVE-2022-46153, CVE-2026-48491, CVE-2026-53622; Node CVE-2026-48928; Istio CVE-2021-39155;
 * apisix#8967.
 */
import assert from 'node:assert/strict';
import type { OutgoingHttpHeaders } from 'node:http2';
import { test, type TestContext } from 'node:test';
import { allowAnyPeer } from '../../packages/countersign/src/identity/authorization/index.ts';
import { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { allOf, type Protocol, serversAndGateways } from './endpoints.ts';
import { presented } from './presented.ts';
import {
  bareServerByName,
  type Called,
  credentialsByHost,
  headOf,
  heads,
  other,
  own,
  sessionTo,
  statusOfHead,
  statusOfStream,
} from './routed.ts';
import { shareAt } from './share.ts';

/** What the heads try, in the fields of HTTP/2. */
const streams: Readonly<Record<string, OutgoingHttpHeaders>> = {
  'another host': { ':authority': other },
  'in capitals': { ':authority': 'ADMIN.TEST' },
  'with a port': { ':authority': `${other}:443` },
  'with a dot at its end': { ':authority': `${other}.` },
  'a header for the other': { ':authority': own, host: other },
  'a header for the own': { ':authority': other, host: own },
  'a list': { ':authority': `${own},${other}` },
  'user information, the own last': { ':authority': `${other}@${own}` },
  'a password, the own last': { ':authority': `${other}:443@${own}` },
  'a backslash': { ':authority': `${other}\\@${own}` },
  'a path that is a whole address': { ':authority': own, ':path': `https://${other}/` },
  'a path that is a whole address under a scheme of its own': {
    ':authority': own,
    ':scheme': 'x',
    ':path': `https://${other}/`,
  },
  'a path that becomes a part of the host': { ':authority': own, ':scheme': 'x', ':path': `@${other}/` },
  'a path that becomes the end of the host': { ':authority': own, ':scheme': 'x', ':path': `.${other}/` },
  'a wildcard': { ':authority': '*.test' },
  'an address': { ':authority': '127.0.0.1' },
  'an address of version 6': { ':authority': '[::1]' },
  'the same in ASCII': { ':authority': 'xn--dmin-moa.test' },
  'empty, and a header for the other': { ':authority': '', host: other },
  'a tunnel': { ':authority': other, ':method': 'CONNECT', ':path': undefined },
};

interface Place extends Called {
  readonly name: string;
}

/** Every server of HTTP, in each version of TLS, with a credential for each host. */
async function everyPlace(t: TestContext, protocol: Protocol): Promise<Place[]> {
  const authority = new TestAuthority();
  const client = presented(authority.issue('web'));
  const wanted = { authority, policy: allowAnyPeer(), credentials: credentialsByHost(authority) };
  const started = serversAndGateways
    .filter(({ protocols }) => protocols.includes(protocol))
    .flatMap((server) =>
      server.versions.map(async (version) => {
        const { port } = await server.start(t, { ...wanted, version });
        return { name: `${server.name}, ${protocol}, ${version}`, port, version, client, servername: own };
      }),
    );
  return allOf(started);
}

test('a bare server with a trust by name serves another host than the one that it verified for', async (t) => {
  const [orders, admin] = [new TestAuthority(), new TestAuthority({ trustDomain: 'admin.internal' })];
  const client = presented(orders.issue('web'));
  for (const version of ['TLSv1.3', 'TLSv1.2'] as const) {
    const port = await bareServerByName(t, { orders, admin }, version);
    const called = { port, version, client };
    const honest = await statusOfHead({ ...called, servername: other }, headOf('/', [other]));
    assert.equal(honest, 0, 'whom the other host does not trust is refused there');
    const served = async (head: string): Promise<boolean> =>
      [101, 200].includes(await statusOfHead({ ...called, servername: own }, head));
    const kept: string[] = [];
    for (const [what, head] of Object.entries(heads)) if (!(await served(head))) kept.push(what);
    assert.deepEqual(
      kept,
      ['the absolute form without a header', 'a tunnel'],
      `${version}: the hole is there for all others`,
    );
    // The name of its trust in capitals is none that it knows (Node CVE-2026-48928): it falls back to the default one.
    assert.equal(await statusOfHead({ ...called, servername: 'ADMIN.test' }, headOf('/', [other])), 200);
  }
});

test('no server of HTTP/1.1 serves another host than the one of the handshake', async (t) => {
  for (const [at, place] of (await everyPlace(t, 'http/1.1')).entries()) {
    assert.equal(await statusOfHead(place, headOf('/', [own])), 200, place.name);
    for (const [what, head] of shareAt(at, Object.entries(heads))) {
      const status = await statusOfHead(place, head);
      assert.ok([0, 400, 405, 421].includes(status), `${place.name}: ${what}: ${status}`);
    }
  }
});

test('no server of HTTP/2 does, and the session goes on for its own host: connections are not coalesced', async (t) => {
  for (const place of await everyPlace(t, 'h2')) {
    let session = await sessionTo(t, place);
    for (const [what, fields] of Object.entries(streams)) {
      if (session.destroyed || session.closed) session = await sessionTo(t, place);
      const status = await statusOfStream(session, fields);
      // 415 is gRPC's to what is no call.
      assert.ok([0, 400, 405, 415, 421].includes(status), `${place.name}: ${what}: ${status}`);
      if (what === 'another host') assert.equal(status, 421, place.name);
    }
    session = await sessionTo(t, place);
    const both = [statusOfStream(session, { ':authority': other }), statusOfStream(session, { ':authority': own })];
    assert.deepEqual(await Promise.all(both), [421, 200], place.name);
  }
});

test('a server name that is more than a name agrees with no host, one in other letters with its own', async (t) => {
  const strange = [
    `${other}:443`,
    `${other}:443@${own}`,
    `x@${other}`,
    `${other}/${own}`,
    `${other}, ${own}`,
    `[${other}]`,
  ];
  const same = ['ORDERS.test', `${own}.`];
  for (const [at, place] of (await everyPlace(t, 'http/1.1')).entries()) {
    for (const servername of shareAt(at, strange))
      for (const host of [servername, other, own]) {
        const status = await statusOfHead({ ...place, servername }, headOf('/', [host]));
        assert.ok([0, 400, 421].includes(status), `${place.name}: ${servername}: ${host}: ${status}`);
      }
    for (const servername of same) {
      assert.equal(await statusOfHead({ ...place, servername }, headOf('/', [own])), 200, place.name);
      assert.equal(await statusOfHead({ ...place, servername }, headOf('/', [other])), 421, place.name);
    }
    const withoutName = { ...place, servername: undefined };
    // A server has one policy for all of its hosts, the gateway one for each: who names none has that of `withoutName`.
    const expected = place.name.startsWith('Gateway') ? 421 : 200;
    assert.equal(await statusOfHead(withoutName, headOf('/', [other])), expected, place.name);
  }
});
