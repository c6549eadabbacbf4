/**
 * Class E, URI names that are no SPIFFE IDs. Certificates whose URI looks like the victim's to whoever folds, decodes, normalizes or searches: capitals, a
 * default port, user information, percent-encoding, "..", a query, a prefix, another kind of name.
 * Stands for: Istio CVE-2026-39350; Envoy CVE-2022-21656, CVE-2026-47778; Node CVE-2021-44531; Go CVE-2024-45341.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anyOf, uri, uriPattern } from '../../packages/countersign/src/identity/authorization/index.ts';
import {
  rawGeneralName,
  rawGeneralNames,
  type TestCertificate,
} from '../../packages/countersign/src/surfaces/testing/index.ts';
import { lettingIn } from './crafted.ts';
import { assertNoClientLetsThemIn, assertNoServerLetsThemIn } from './only-the-named.ts';

const email = 0x81;
const dns = 0x82;
const uriName = 0x86;

const victim = 'https://shop.test/eu/web';
const uris = (...texts: readonly string[]): TestCertificate => ({
  rawNames: rawGeneralNames(...texts.map((text) => rawGeneralName(uriName, text))),
});

const crafted: Readonly<Record<string, TestCertificate>> = {
  'another scheme': uris('http://shop.test/eu/web'),
  'capitals in the scheme': uris('HTTPS://shop.test/eu/web'),
  'capitals in the host': uris('https://SHOP.test/eu/web'),
  'capitals in the path': uris('https://shop.test/eu/Web'),
  'the default port': uris('https://shop.test:443/eu/web'),
  'user information': uris('https://mallory@shop.test/eu/web'),
  'the host as user information': uris('https://shop.test@mallory.test/eu/web'),
  'an IPv6 zone': uris('https://[fe80::1%25shop.test]/eu/web'),
  'a regular expression': uris('https://shop.test/.*'),
  alternatives: uris('https://shop.test/(eu|us)/(web|orders)'),
  'a trailing dot': uris('https://shop.test./eu/web'),
  'a longer host': uris('https://shop.test.mallory.test/eu/web'),
  'a slash behind': uris('https://shop.test/eu/web/'),
  'two slashes': uris('https://shop.test//eu/web'),
  'a dot segment': uris('https://shop.test/eu/./web'),
  'dots upwards': uris('https://shop.test/eu/mallory/../web'),
  'dots in the place of a star': uris('https://shop.test/../orders'),
  'encoded dots in the place of a star': uris('https://shop.test/%2e%2e/orders'),
  'an encoded slash in the place of a star': uris('https://shop.test/eu%2fmallory/orders'),
  'a query in the place of a star': uris('https://shop.test/eu?/orders'),
  'two segments in the place of a star': uris('https://shop.test/eu/mallory/orders'),
  'nothing in the place of a star': uris('https://shop.test//orders'),
  'a percent-encoded letter': uris('https://shop.test/eu/we%62'),
  'a query': uris('https://shop.test/eu/web?as=web'),
  'a fragment': uris('https://shop.test/eu/web#'),
  'a longer segment': uris('https://shop.test/eu/webmallory'),
  'a longer path': uris('https://shop.test/eu/web/mallory'),
  'it within another': uris(`https://mallory.test/?${victim}`),
  'an entry in the text of one': uris(`https://mallory.test/,URI:${victim}`),
  'a backslash': uris('https://shop.test\\eu\\web'),
  'a star of its own': uris('https://shop.test/*/*'),
  'a NUL and more': uris(`${victim}\0mallory`),
  'a space behind': uris(`${victim} `),
  'a DNS name': { rawNames: rawGeneralName(dns, victim) },
  'an e-mail address': { rawNames: rawGeneralName(email, victim) },
  'the common name': { commonName: victim, rawNames: rawGeneralName(uriName, 'https://mallory.test/') },
  'beside a SPIFFE ID of its own': uris('spiffe://test.internal/mallory', victim),
};

const scenario = {
  policy: anyOf(uri(victim), uriPattern('https://shop.test/*/orders')),
  victim: uris('https://mallory.test/', victim),
  crafted,
};

test('such names get into a server that compares text', async (t) => {
  const substring = await lettingIn(
    t,
    () => crafted,
    (names) => names.includes(`URI:${victim}`),
  );
  for (const what of ['a longer segment', 'a query', 'an entry in the text of one'])
    assert.ok(substring.includes(what), `${what}; let in: ${substring.join('; ')}`);
  const normalizing = await lettingIn(
    t,
    () => crafted,
    (names) => names.split(', ').some((name) => URL.parse(name.replace('URI:', ''))?.href === victim),
  );
  for (const what of ['the default port', 'dots upwards', 'capitals in the host'])
    assert.ok(normalizing.includes(what), `${what}; let in: ${normalizing.join('; ')}`);
});

test('no server takes them for the victim', (t) => assertNoServerLetsThemIn(t, scenario));

test('no client takes them for the victim', (t) => assertNoClientLetsThemIn(t, scenario));
