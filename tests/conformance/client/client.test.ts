/** Chains of clients, which x509-limbo has nearly none of: each is answered as its clause says; OpenSSL and pyca agree, or the reason is listed. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Refusal } from '../../../packages/countersign/src/ground/errors/index.ts';
import { parseCertificate, validatePath } from '../../../packages/countersign/src/identity/x509/index.ts';
import { verifySignature } from '../../../packages/countersign/src/runtime/cryptography/index.ts';
import { missing } from '../../interop/peers.ts';
import { clientCases, moment } from './cases.ts';
import { chainFor, type ClientChain } from './chains.ts';
import { askOpenssl, askPyca, missingPyca, type Said } from './judges.ts';
import { type ClientDifference, clientDifferences } from './known-differences.ts';

const chains = clientCases.map(chainFor);

function codeOf({ leaf, intermediates, anchor }: ClientChain): string | undefined {
  try {
    validatePath({
      leaf: parseCertificate(leaf),
      intermediates: intermediates.map((der) => parseCertificate(der)),
      anchors: [parseCertificate(anchor)],
      at: moment,
      purpose: 'client',
      verifySignature,
    });
    return undefined;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return String(error.code);
  }
}

describe('chains of clients, in the profile mutual-tls', () => {
  for (const [at, { id, expected, clause }] of clientCases.entries()) {
    test(`${id}: ${expected} (${clause})`, () => {
      const code = codeOf(chains[at]!);
      assert.equal(code === undefined ? 'accept' : 'reject', expected, code);
    });
  }

  test('there are enough of them, each by a name of its own, both kinds of them', () => {
    assert.ok(clientCases.length >= 120);
    assert.equal(new Set(clientCases.map(({ id }) => id)).size, clientCases.length);
    assert.ok(clientCases.filter(({ expected }) => expected === 'accept').length >= 40);
  });
});

/** What is not listed and differs, and what is listed and does not. */
function assertListed(judge: ClientDifference['judge'], said: readonly Said[]): void {
  assert.equal(said.length, clientCases.length);
  const differing = clientCases
    .filter(({ expected }, at) => said[at]!.accepts !== (expected === 'accept'))
    .map(({ id }) => id);
  const listed = clientDifferences.filter((entry) => entry.judge === judge).flatMap(({ ids }) => ids);
  assert.deepEqual(differing.sort(), listed.sort());
}

test('OpenSSL answers the same, or the reason is listed', { skip: missing('openssl') }, async () => {
  assertListed('openssl', await askOpenssl(chains));
});

test('pyca/cryptography answers the same, or the reason is listed', { skip: missingPyca() }, () => {
  assertListed('pyca', askPyca(chains));
});
