import assert from 'node:assert/strict';
import { test } from 'node:test';

import { manualClock } from '../../ground/clock/index.ts';
import { fromHex } from '../../ground/encoding/index.ts';
import { decodeExtension, extensionOids, parseCertificate, readDistributionPoints } from '../../identity/x509/index.ts';
import { generatePrivateKey } from '../../runtime/cryptography/index.ts';
import { openAuthority } from './authority.ts';
import { createAuthority } from './create-authority.ts';
import { listAddress, listFolder, ownListTemplate } from './list-address.ts';
import { memoryLedger } from './memory-ledger.ts';
import { serviceProfile } from './profile.ts';

test('a certificate names the list of its own shard', async () => {
  const clock = manualClock(Date.UTC(2026, 5, 1));
  const keys = createAuthority({ trustDomain: 'dev.internal', clock });
  const authority = await openAuthority({ keys, ledger: memoryLedger(), clock });
  const template = ownListTemplate('http://crl.example:7480', 16);
  const elsewhere = 'http://other.example/a.crl';
  const profile = { ...serviceProfile, revocation: { ...serviceProfile.revocation, crl: [template, elsewhere] } };
  const shards = new Set<string>();
  for (let count = 0; count < 40; count++) {
    const { certificate, serialNumber } = await authority.issue({
      profile,
      names: ['web'],
      publicKey: generatePrivateKey('P-256').publicKey.raw,
      origin: 'test',
    });
    const { extensions } = parseCertificate(certificate);
    const points = decodeExtension(extensions, extensionOids.crlDistributionPoints, readDistributionPoints) ?? [];
    const shard = Number.parseInt(serialNumber.slice(-2), 16) % 16;
    const folder = listFolder(keys.issuer.facts.publicKey);
    assert.deepEqual(
      points.map(({ fullName }) => fullName?.uri),
      [[`http://crl.example:7480/crl/${folder}/16-${String(shard)}.crl`], [elsewhere]],
    );
    shards.add(points[0]?.fullName?.uri[0] ?? '');
  }
  assert.ok(shards.size > 4);
});

test('one shard is the whole list', () => {
  const issuer = Uint8Array.of(1);
  const address = listAddress(ownListTemplate('http://crl.example', 1), issuer, fromHex('0AFF') ?? new Uint8Array());
  assert.equal(address, `http://crl.example/crl/${listFolder(issuer)}/all.crl`);
  for (const shards of [0, 3, 512]) assert.throws(() => ownListTemplate('http://crl.example', shards), TypeError);
});
