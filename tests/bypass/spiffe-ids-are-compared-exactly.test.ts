/**
 * Class E, URI names. Certificates whose SPIFFE ID looks like the victim's to whoever folds, decodes, normalizes or searches: capitals, percent-encoding,
 * "..", a query, a port, a prefix, several IDs, another kind of name, another trust domain.
 * Stands for: SPIRE CVE-2021-27098, -27099; Istio CVE-2026-39350; Envoy CVE-2026-47778; Node CVE-2021-44531; Spring CVE-2026-47838.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
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

const email = 0x81;
const dns = 0x82;
const uri = 0x86;

const ids = (...texts: readonly string[]): TestCertificate => ({
  rawNames: rawGeneralNames(...texts.map((text) => rawGeneralName(uri, text))),
});

const crafted: Crafted = (domain) => ({
  'capitals in the scheme': ids(`SPIFFE://${domain}/web`),
  'capitals in the trust domain': ids(`spiffe://${domain.toUpperCase()}/web`),
  'capitals in the path': ids(`spiffe://${domain}/Web`),
  'a slash behind': ids(`spiffe://${domain}/web/`),
  'two slashes': ids(`spiffe://${domain}//web`),
  'a longer path': ids(`spiffe://${domain}/web/mallory`),
  'a longer segment': ids(`spiffe://${domain}/webmallory`),
  'a dot segment': ids(`spiffe://${domain}/./web`),
  'dots upwards': ids(`spiffe://${domain}/mallory/../web`),
  'encoded dots upwards': ids(`spiffe://${domain}/mallory/%2e%2e/web`),
  'a percent-encoded letter': ids(`spiffe://${domain}/we%62`),
  'a percent-encoded slash': ids(`spiffe://${domain}%2fweb`),
  'a percent-encoded NUL': ids(`spiffe://${domain}/web%00`),
  'a NUL': ids(`spiffe://${domain}/web\0mallory`),
  'a query': ids(`spiffe://${domain}/web?mallory`),
  'a fragment': ids(`spiffe://${domain}/web#mallory`),
  'a port': ids(`spiffe://${domain}:443/web`),
  'a user': ids(`spiffe://mallory@${domain}/web`),
  'a trailing dot of the trust domain': ids(`spiffe://${domain}./web`),
  'a longer trust domain': ids(`spiffe://${domain}.mallory.test/web`),
  'a trust domain in front': ids(`spiffe://mallory.${domain}/web`),
  'another trust domain': ids('spiffe://mallory.test/web'),
  'a star as the path': ids(`spiffe://${domain}/*`),
  'stars as the path': ids(`spiffe://${domain}/**`),
  'a star as the trust domain': ids('spiffe://*/web'),
  'a regular expression': ids(`spiffe://${domain}/.*`),
  alternatives: ids(`spiffe://${domain}/(web|mallory)`),
  'an IPv6 zone': ids(`spiffe://[fe80::1%25${domain}]/web`),
  'no path': ids(`spiffe://${domain}`),
  'another scheme': ids(`https://${domain}/web`),
  'a comma and another entry': ids(`spiffe://${domain}/mallory, URI:spiffe://${domain}/web`),
  'a comma behind': ids(`spiffe://${domain}/web,mallory`),
  'a quote behind': ids(`spiffe://${domain}/web"`),
  'a space behind': ids(`spiffe://${domain}/web `),
  'two IDs, its own first': ids(`spiffe://${domain}/mallory`, `spiffe://${domain}/web`),
  'two IDs, its own second': ids(`spiffe://${domain}/web`, `spiffe://${domain}/mallory`),
  'the same ID twice': ids(`spiffe://${domain}/web`, `spiffe://${domain}/web`),
  'an ID and another URI': ids('https://mallory.test/', `spiffe://${domain}/web`),
  'a DNS name': { rawNames: rawGeneralName(dns, `spiffe://${domain}/web`) },
  'a DNS name that spells an entry': { rawNames: rawGeneralName(dns, `mallory.internal, URI:spiffe://${domain}/web`) },
  'an e-mail address': { rawNames: rawGeneralName(email, `spiffe://${domain}/web`) },
  'the common name': { commonName: `spiffe://${domain}/web`, names: { dns: ['mallory.internal'] } },
  'a certificate of an authority': { ...ids(`spiffe://${domain}/web`), ca: true },
  'letters beyond ASCII': { rawNames: rawGeneralName(uri, new TextEncoder().encode(`spiffe://${domain}/w\u0435b`)) },
});

test('such names get into a server that compares text', async (t) => {
  const domain = 'test.internal';
  const substring = await lettingIn(t, crafted, (names) => names.includes(`spiffe://${domain}/web`));
  for (const what of ['a longer path', 'a query', 'two IDs, its own first', 'a DNS name that spells an entry']) {
    assert.ok(substring.includes(what), `${what}; let in: ${substring.join('; ')}`);
  }
  const normalized = await lettingIn(t, crafted, (names) => {
    const [, text = ''] = /^URI:(\S+)$/.exec(names) ?? [];
    const url = text.replace(/^spiffe:/i, 'https:');
    return URL.canParse(url) && decodeURIComponent(new URL(url).pathname) === '/web';
  });
  for (const what of [
    'dots upwards',
    'encoded dots upwards',
    'a percent-encoded letter',
    'capitals in the trust domain',
    'a port',
  ]) {
    assert.ok(normalized.includes(what), `${what}; let in: ${normalized.join('; ')}`);
  }
});

test('no server takes them for the victim', (t) => assertNoServerTakesThemForTheVictim(t, crafted));

test('no client takes them for the victim', (t) => assertNoClientTakesThemForTheVictim(t, crafted));
