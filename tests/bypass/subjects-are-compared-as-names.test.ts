/**
 * Class E, subjects. Certificates whose subject reads like the victim's to whoever compares text or looks for one attribute: separators within a value,
 * several values in one part, another order, more parts, NULs and unseen characters, the name under subjectAltName.
 * Stands for: etcd CVE-2018-16886; Node CVE-2021-44532, -44533; NATS CVE-2026-33248; Spring CVE-2026-47838.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  encodeOid,
  encodeSequence,
  encodeSetOf,
  encodeUtf8String,
} from '../../packages/countersign/src/ground/encoding/index.ts';
import { subject } from '../../packages/countersign/src/identity/authorization/index.ts';
import { parseNameText } from '../../packages/countersign/src/identity/x509/index.ts';
import { rawGeneralName, type TestCertificate } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { lettingIn } from './crafted.ts';
import { assertNoClientLetsThemIn, assertNoServerLetsThemIn } from './only-the-named.ts';

const directoryName = 0xa4;
const uri = 0x86;
const mallory = { dns: ['mallory.internal'] };

const commonName = '2.5.4.3';
const organization = '2.5.4.10';
const part = (...attributes: readonly (readonly [string, string])[]): Uint8Array =>
  encodeSetOf(attributes.map(([oid, text]) => encodeSequence(encodeOid(oid), encodeUtf8String(text))));
const of = (...parts: readonly Uint8Array[]): TestCertificate => ({
  subject: encodeSequence(...parts),
  names: mallory,
});

const crafted: Readonly<Record<string, TestCertificate>> = {
  'the whole name in one value': of(part([commonName, 'web,O=Shop'])),
  'a separator in a value': of(part([organization, 'Shop,CN=web']), part([commonName, 'mallory'])),
  'a slash in a value': of(part([organization, 'Shop/CN=web']), part([commonName, 'mallory'])),
  'a line end in a value': of(part([organization, 'Shop\nCN=web']), part([commonName, 'mallory'])),
  'one part of two attributes': of(part([commonName, 'web'], [organization, 'Shop'])),
  'the other order': of(part([commonName, 'web']), part([organization, 'Shop'])),
  'a part more before': of(part([organization, 'Mallory']), part([organization, 'Shop']), part([commonName, 'web'])),
  'a part more behind': of(part([organization, 'Shop']), part([commonName, 'web']), part([commonName, 'mallory'])),
  'two common names, its own first': of(
    part([organization, 'Shop']),
    part([commonName, 'mallory']),
    part([commonName, 'web']),
  ),
  'a part less': of(part([commonName, 'web'])),
  'the values under other types': of(part([commonName, 'Shop']), part([organization, 'web'])),
  'a longer value': of(part([organization, 'Shop']), part([commonName, 'web2'])),
  'a wildcard': of(part([organization, '*']), part([commonName, 'web'])),
  'a regular expression': of(part([organization, 'Shop']), part([commonName, '.*'])),
  'a NUL at the end': of(part([organization, 'Shop']), part([commonName, 'web\0'])),
  'a NUL and more': of(part([organization, 'Shop']), part([commonName, 'web\0mallory'])),
  'a character that nobody sees': of(part([organization, 'Shop']), part([commonName, 'w\u200beb'])),
  'a letter that looks the same': of(part([organization, 'Shop']), part([commonName, 'w\u0435b'])),
  'an empty subject, and the name in a directory name': {
    rawNames: rawGeneralName(directoryName, parseNameText('CN=web,O=Shop').raw),
  },
  'an empty subject, and the name as a URI': { rawNames: rawGeneralName(uri, 'CN=web,O=Shop') },
};

const victim = of(part([organization, 'Shop']), part([commonName, 'web']));
const scenario = { policy: subject('CN=web,O=Shop'), victim, crafted };

test('such subjects get into a server that looks for an attribute', async (t) => {
  const looking = await lettingIn(
    t,
    () => crafted,
    (_names, name) => {
      const { CN, O } = JSON.parse(name) as { CN?: string | string[]; O?: string | string[] };
      return [CN].flat().includes('web') && [O].flat().includes('Shop');
    },
  );
  for (const what of ['the other order', 'one part of two attributes', 'two common names, its own first'])
    assert.ok(looking.includes(what), `${what}; let in: ${looking.join('; ')}`);
});

test('no server takes them for the victim', (t) => assertNoServerLetsThemIn(t, scenario));

test('no client takes them for the victim', (t) => assertNoClientLetsThemIn(t, scenario));
