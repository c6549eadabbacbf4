/** BoringSSL's lists and those of NIST's PKITS: what must not parse does not, the rest does. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isRefusal } from '../../../ground/errors/index.ts';
import { vectorBlock } from '../../../../../../tests/conformance/vector-block.ts';
import { vectors } from '../../../../../../tests/conformance/vectors.ts';
import { parseCertificate, parseCertificateList } from '../index.ts';

const boringssl = vectors('crl', '48');
const pkits = vectors('pkits/crls', '173');

/** Right in themselves: what is wrong is the leaf or the issuer's certificate. */
const rightLists: readonly string[] = [
  // The leaf is of version 1.
  'invalid_idp_onlycontainsusercerts_v1_leaf.pem',
  // The issuer's keyUsage lacks cRLSign, which the rules of revocation look at.
  'invalid_issuer_keyusage_no_crlsign.pem',
];

function refused(act: () => unknown): boolean {
  try {
    act();
    return false;
  } catch (error) {
    assert.ok(isRefusal(error), String(error));
    return true;
  }
}

test('lists of BoringSSL', { skip: boringssl.skip }, () => {
  const files = readdirSync(boringssl.path).filter((file) => file.endsWith('.pem'));
  assert.equal(files.length, 48);
  for (const file of files) {
    const der = vectorBlock(join(boringssl.path, file), 'CRL');
    const wrong = file.startsWith('invalid_') && !rightLists.includes(file);
    assert.equal(
      refused(() => parseCertificateList(der)),
      wrong,
      file,
    );
  }
  const leaf = vectorBlock(join(boringssl.path, rightLists[0]!), 'CERTIFICATE');
  assert.ok(refused(() => parseCertificate(leaf)));
});

test('the unknown critical extensions of BoringSSL are listed', { skip: boringssl.skip }, () => {
  const critical = (file: string): readonly string[] =>
    parseCertificateList(vectorBlock(join(boringssl.path, file), 'CRL')).unprocessedCritical;
  assert.equal(critical('bad_fake_critical_crlentryextension.pem').length, 1);
  assert.equal(critical('good_fake_extension.pem').length, 0);
  assert.equal(critical('revoked_fake_crlentryextension.pem').length, 0);
});

test('lists of PKITS', { skip: pkits.skip }, () => {
  const files = readdirSync(pkits.path);
  assert.equal(files.length, 173);
  const lists = new Map(
    files
      // Its damaged signature is no BIT STRING of whole octets any more.
      .filter((file) => file !== 'BadCRLSignatureCACRL.crl')
      .map((file) => [file, parseCertificateList(readFileSync(join(pkits.path, file)))]),
  );
  const revoked = (file: string) => [...lists.get(file)!.revoked];
  assert.deepEqual(lists.get('UnknownCRLExtensionCACRL.crl')!.unprocessedCritical, ['2.16.840.1.101.2.1.12.2']);
  assert.deepEqual(lists.get('UnknownCRLEntryExtensionCACRL.crl')!.unprocessedCritical, ['2.16.840.1.101.2.1.12.2']);
  assert.equal(revoked('NegativeSerialNumberCACRL.crl')[0]?.serialNumber, '-01');
  const indirect = revoked('indirectCRLCA5CRL.crl').map(({ certificateIssuer }) =>
    certificateIssuer[0]!.text.slice(0, 18),
  );
  const [own, six, seven] = ['OU=indirectCRL CA5', 'CN=indirectCRL CA6', 'CN=indirectCRL CA7'];
  assert.deepEqual(indirect, [own, six, six, six, seven, seven, seven, six, six, own, own]);
  const deltas = [...lists.values()].filter(({ baseCrlNumber }) => baseCrlNumber !== undefined);
  assert.equal(deltas.length, 4);
});
