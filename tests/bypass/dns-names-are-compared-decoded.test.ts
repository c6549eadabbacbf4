/**
 * Class E, DNS names. Certificates whose names look like the victim's to whoever compares text: a NUL, a comma, a quote, a wildcard, a trailing dot,
 * metacharacters of regular expressions, percent-encoding, the name under another kind of subjectAltName or in the subject.
 * Stands for: Node CVE-2021-44531, -44532; Envoy CVE-2022-21656, -21657; NATS CVE-2026-33248; Spring CVE-2026-22747; etcd CVE-2018-16886; Go CVE-2024-45341.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  encodeOid,
  encodeSequence,
  encodeSetOf,
  encodeUtf8String,
} from '../../packages/countersign/src/ground/encoding/index.ts';
import {
  rawGeneralName,
  rawGeneralNames,
  type TestCertificate,
} from '../../packages/countersign/src/surfaces/testing/index.ts';
import {
  assertNoClientTakesThemForTheVictim,
  assertNoServerTakesThemForTheVictim,
  type Crafted,
  lettingIn,
} from './crafted.ts';
import { victimDnsName } from './victim.ts';

const email = 0x81;
const dns = 0x82;
const uri = 0x86;
const ip = 0x87;
const registeredId = 0x88;

const named = (tag: number, text: string): TestCertificate => ({ rawNames: rawGeneralName(tag, text) });
const attribute = (oid: string, text: string): Uint8Array => encodeSequence(encodeOid(oid), encodeUtf8String(text));
const commonName = '2.5.4.3';
const organization = '2.5.4.10';

const crafted: Crafted = () => ({
  'a NUL and more': named(dns, `${victimDnsName}\0.mallory.test`),
  'a NUL at the end': named(dns, `${victimDnsName}\0`),
  'a comma and more': named(dns, `${victimDnsName},mallory.test`),
  'another entry in the text of one': named(dns, `mallory.test, DNS:${victimDnsName}`),
  'an entry in quotes': named(dns, `mallory.test", DNS:"${victimDnsName}`),
  'quotes around it': named(dns, `"${victimDnsName}"`),
  'a new line and the name': named(dns, `mallory.test\n${victimDnsName}`),
  'a wildcard': named(dns, '*.internal'),
  'a wildcard within a label': named(dns, 'w*.internal'),
  'a lone wildcard': named(dns, '*'),
  'a trailing dot': named(dns, `${victimDnsName}.`),
  'a leading dot': named(dns, `.${victimDnsName}`),
  'a dot as any character': named(dns, 'webxinternal'),
  'a regular expression': named(dns, '.*'),
  'an anchored regular expression': named(dns, `^${victimDnsName}$`),
  alternatives: named(dns, `mallory.test|${victimDnsName}`),
  'percent-encoding': named(dns, 'web%2einternal'),
  'a space behind': named(dns, `${victimDnsName} `),
  'a space before': named(dns, ` ${victimDnsName}`),
  'a longer name with it in front': named(dns, `${victimDnsName}.mallory.test`),
  'a longer name with it behind': named(dns, `mallory.${victimDnsName}`),
  'letters beyond ASCII': named(dns, 'w\u00e9b.internal'),
  'a full-width dot in UTF-8': { rawNames: rawGeneralName(dns, new TextEncoder().encode('web\uff0einternal')) },
  'an IPv6 address with it as its zone': named(dns, `fe80::1%${victimDnsName}`),
  'a URI with it as the zone of its host': named(uri, `https://[fe80::1%25${victimDnsName}]/`),
  'an e-mail address': named(email, victimDnsName),
  'an e-mail address at it': named(email, `mallory@${victimDnsName}`),
  'a URI': named(uri, victimDnsName),
  'a URI that spells an entry': named(uri, `DNS:${victimDnsName}`),
  'a URI with it as its host': named(uri, `https://${victimDnsName}/`),
  'an address of as many octets': named(ip, victimDnsName),
  'a registered ID': named(registeredId, victimDnsName),
  'a directory name': {
    rawNames: rawGeneralName(0xa4, encodeSequence(encodeSetOf([attribute(commonName, victimDnsName)]))),
  },
  'an other name': { rawNames: rawGeneralName(0xa0, encodeOid('1.2.3.4')) },
  'the common name, with another DNS name': {
    commonName: victimDnsName,
    rawNames: rawGeneralName(dns, 'mallory.internal'),
  },
  'the common name alone': { commonName: victimDnsName, names: {} },
  'a multi-valued RDN': {
    subject: encodeSequence(
      encodeSetOf([attribute(commonName, 'mallory'), attribute(organization, `x, CN=${victimDnsName}`)]),
    ),
    rawNames: rawGeneralName(dns, 'mallory.internal'),
  },
  'two common names': {
    subject: encodeSequence(
      encodeSetOf([attribute(commonName, 'mallory')]),
      encodeSetOf([attribute(commonName, victimDnsName)]),
    ),
    names: { dns: ['mallory.internal'] },
  },
  'the name after a malformed one': {
    rawNames: rawGeneralNames(rawGeneralName(dns, ''), rawGeneralName(dns, victimDnsName)),
  },
  'an element that runs past the end': {
    rawNames: rawGeneralNames(rawGeneralName(dns, 'mallory.internal'), Uint8Array.of(dns, 0x20, 0x61)),
  },
});

test('such names get into a server that compares text', async (t) => {
  const substring = await lettingIn(t, crafted, (names) => names.includes(`DNS:${victimDnsName}`));
  for (const what of ['a trailing dot', 'a longer name with it in front', 'a URI that spells an entry']) {
    assert.ok(substring.includes(what), `${what}; let in: ${substring.join('; ')}`);
  }
  const pattern = await lettingIn(t, crafted, (names) => new RegExp(`DNS:${victimDnsName}`).test(names));
  assert.ok(pattern.includes('a dot as any character'), pattern.join('; '));
  const commonNames = await lettingIn(t, crafted, (_names, subject) => subject.includes(`"${victimDnsName}"`));
  assert.ok(
    commonNames.includes('the common name alone') && commonNames.includes('two common names'),
    commonNames.join('; '),
  );
});

test('no server takes them for the victim', (t) => assertNoServerTakesThemForTheVictim(t, crafted));

test('no client takes them for the victim', (t) => assertNoClientTakesThemForTheVictim(t, crafted));
