/**
 * Class O. A victim's certificate whose signature was written in another form, or over other contents: whoever decodes laxly takes it, and a block list
 * keyed by its hash misses it.
 * Stands for: node-forge CVE-2026-33895 (Ed25519 with S >= L), CVE-2022-24771, CVE-2026-33896. Each trap by itself: tests/conformance/signatures.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  concatBytes,
  DerReader,
  encodeBitString,
  encodeSequence,
  readBitStringBytes,
  tags,
} from '../../packages/countersign/src/ground/encoding/index.ts';
import type { Credential } from '../../packages/countersign/src/runtime/tls/index.ts';
import { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { attackingServer, everyClient, fromEveryClient } from './clients.ts';
import { presented } from './presented.ts';
import { everyRegisteredServer, everyServer, knock } from './servers.ts';
import { victimDnsName, victimId } from './victim.ts';

type Change = (signature: Uint8Array) => Uint8Array;

/** The credential with the signature of its own certificate changed. */
function withSignature({ chain: [leaf, ...above], privateKey }: Credential, change: Change): Credential {
  const fields = DerReader.over(leaf!).enter(tags.sequence);
  const [tbs, algorithm] = [fields.element(), fields.element()];
  const changed = encodeSequence(tbs, algorithm, encodeBitString(change(readBitStringBytes(fields))));
  return { chain: [changed, ...above], privateKey };
}

/** RFC 8032, 5.1: octets of the order L of the base point, the least significant first. */
const order = Uint8Array.from(Buffer.from('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010', 'hex'));

const ofEd25519: Readonly<Record<string, Change>> = {
  'S + L': (signature) => {
    const changed = Uint8Array.from(signature);
    let carry = 0;
    for (let at = 0; at < 32; at++) {
      const sum = changed[32 + at]! + order[at]! + carry;
      changed[32 + at] = sum & 0xff;
      carry = sum >> 8;
    }
    return changed;
  },
  'an octet behind': (signature) => concatBytes([signature, Uint8Array.of(0)]),
};

const ofEcdsa: Readonly<Record<string, Change>> = {
  'an INTEGER with a zero before it': (signature) =>
    concatBytes([Uint8Array.of(0x30, signature[1]! + 1, 2, signature[3]! + 1, 0), signature.subarray(4)]),
  'a length in the long form': (signature) =>
    concatBytes([Uint8Array.of(0x30, 0x81, signature[1]!), signature.subarray(2)]),
  'octets behind': (signature) => concatBytes([signature, Uint8Array.of(5, 0)]),
  'a bit of s changed': (signature) => signature.with(-1, signature.at(-1)! ^ 1),
};

test('the changes are another encoding or another number, and nothing else', () => {
  for (const [keyType, changes] of [
    ['Ed25519', ofEd25519],
    ['P-256', ofEcdsa],
  ] as const) {
    const authority = new TestAuthority({ keyType });
    const honest = authority.issue('web');
    for (const change of Object.values(changes)) {
      const changed = withSignature(honest, change).chain[0]!;
      assert.notDeepEqual(changed, honest.chain[0]);
      assert.deepEqual(withSignature(honest, (signature) => signature).chain[0], honest.chain[0]);
    }
  }
});

test('no server lets such a certificate in', async (t) => {
  const ed25519 = new TestAuthority({ keyType: 'Ed25519' });
  for (const [changes, servers] of [
    [ofEcdsa, await everyServer(t)],
    [ofEd25519, await everyRegisteredServer(t, ed25519)],
  ] as const) {
    for (const server of servers) {
      const honest = server.authority.issue('web');
      const [name] = (await knock(server, presented(honest))).admittedAs;
      assert.equal(name, victimId(server.authority), `${server.name}: the victim itself is let in`);
      for (const [what, change] of Object.entries(changes)) {
        const { admittedAs } = await knock(server, presented(withSignature(honest, change)));
        assert.ok(!admittedAs.includes(victimDnsName) && admittedAs.length === 0, `${server.name}: ${what}`);
      }
    }
  }
});

test('no client talks to a server with such a certificate', async (t) => {
  for (const [keyType, changes] of [
    ['P-256', ofEcdsa],
    ['Ed25519', ofEd25519],
  ] as const) {
    const authority = new TestAuthority({ keyType });
    for (const version of ['TLSv1.3', 'TLSv1.2'] as const) {
      const honest = authority.issue('web');
      const right = await attackingServer(t, presented(honest), version);
      assert.deepEqual(await everyClient(authority, right.port, version), fromEveryClient('admitted'));
      for (const [what, change] of Object.entries(changes)) {
        const server = await attackingServer(t, presented(withSignature(honest, change)), version);
        for (const outcome of await everyClient(authority, server.port, version)) {
          assert.match(outcome, /^CS-(?:PEER|TLS)-/, `${version}: ${what}`);
        }
        assert.equal(server.received(), '', `${what}: nothing was sent to it`);
      }
    }
  }
});
