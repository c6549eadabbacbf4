/** BoringSSL's OCSP messages: what a checker must read is read; what does not parse there does not here. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isRefusal } from '../../../ground/errors/index.ts';
import { vectorBlock } from '../../../../../../tests/conformance/vector-block.ts';
import { vectors } from '../../../../../../tests/conformance/vectors.ts';
import { type BasicOcspResponse, parseOcspRequest, parseOcspResponse } from '../index.ts';

/** Expected to be good by a checker that reads an INTEGER with a needless zero before it, which is not DER: so is the leaf's serial number. */
const notDer = 'good_response_invalid_serial.pem';

const { path, skip } = vectors('ocsp', '27');

function refused(act: () => unknown): boolean {
  try {
    act();
    return false;
  } catch (error) {
    assert.ok(isRefusal(error), String(error));
    return true;
  }
}

function basicOf(file: string): BasicOcspResponse {
  const response = parseOcspResponse(vectorBlock(join(path, file), 'OCSP RESPONSE'));
  assert.ok(response.status === 'successful', file);
  return response.basic;
}

test('responses and requests of BoringSSL', { skip }, () => {
  const { expected } = JSON.parse(readFileSync(join(path, 'expected.json'), 'utf8')) as {
    expected: Record<string, string>;
  };
  const files = readdirSync(path).filter((file) => file.endsWith('.pem'));
  assert.equal(files.length, 27);
  for (const file of files) {
    const wrong = file === notDer || expected[file] === 'refused: does not parse';
    const response = vectorBlock(join(path, file), 'OCSP RESPONSE');
    assert.equal(
      refused(() => parseOcspResponse(response)),
      wrong,
      file,
    );
    const request = vectorBlock(join(path, file), 'OCSP REQUEST');
    assert.equal(
      refused(() => parseOcspRequest(request)),
      file === notDer,
      file,
    );
  }
});

test('what they say', { skip }, () => {
  const statuses = (file: string): string[] => basicOf(file).responses.map(({ certStatus }) => certStatus.status);
  assert.equal(
    parseOcspResponse(vectorBlock(join(path, 'malformed_request.pem'), 'OCSP RESPONSE')).status,
    'malformedRequest',
  );
  assert.deepEqual(statuses('good_response.pem'), ['good']);
  assert.deepEqual(statuses('multiple_response.pem'), ['good', 'unknown']);
  assert.deepEqual(statuses('no_response.pem'), []);
  const [revoked] = basicOf('revoke_response_reason.pem').responses;
  assert.ok(revoked?.certStatus.status === 'revoked');
  assert.ok(revoked.certStatus.reason !== undefined);
  assert.equal(basicOf('good_response.pem').signatureAlgorithm, 'sha1WithRSAEncryption');
  assert.equal(basicOf('good_response_sha256.pem').signatureAlgorithm, 'sha256WithRSAEncryption');
  assert.deepEqual(basicOf('has_critical_response_extension.pem').unprocessedCritical, ['1.2.3.4']);
  const single = (file: string): readonly string[] => basicOf(file).responses[0]!.unprocessedCritical;
  assert.deepEqual(single('has_critical_single_extension.pem'), ['1.2.3.4']);
  // Signed certificate timestamps (RFC 6962, 3.3): a checker that knows them may go on.
  assert.deepEqual(single('has_critical_ct_extension.pem'), ['1.3.6.1.4.1.11129.2.4.5']);
  assert.ok(basicOf('ocsp_extra_certs.pem').certificates.length > 1);
});
