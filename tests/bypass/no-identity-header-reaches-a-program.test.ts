/**
 * Class F. A header replaces the certificate: every header under which programs look for who calls, as products document them, twice, with underscores, in
 * odd case, named in `Connection`, and as a trailer. None reaches the program behind a front or the gateway, over either version of HTTP; without a certificate nothing
 * does. A relay that only passes on passes all of them on, which is what the attack lives on.
 * Stands for: Tyk PR #7671; OpenZiti GHSA-cc5m-7mhm-xh9f, GHSA-7868-235p-7497; Traefik CVE-2024-45410; Istio CVE-2026-31838; Oathkeeper CVE-2026-33495.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request as plainRequest, createServer } from 'node:http';
import { connect } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { test } from 'node:test';
import { identityHeaders, isIdentityHeader } from '../../packages/countersign/src/traffic/relay/index.ts';
import { callersPem, rawFront, rawGateway, sayRaw } from '../bad-input/raw-program.ts';

const forgedValue = 'forged-by-the-caller';

/** A `*` of the list stands for the names that programs know. */
const names = [...new Set(identityHeaders.flatMap((one) => one.names))]
  .map((name) => name.replace(/-?\*$/, name.endsWith('-*') ? '-any' : ''))
  .filter((name) => /^[a-z0-9-]+$/.test(name));

const spellings: Readonly<Record<string, (name: string) => string>> = {
  'as documented': (name) => name,
  'in capitals': (name) => name.toUpperCase(),
  'with underscores': (name) => name.replaceAll('-', '_'),
  'half and half': (name) => name.replace('-', '_'),
};

test('a relay that only passes on passes on what was made up', async (t) => {
  let found = 0;
  const program = createServer((request, response) => {
    found = request.rawHeaders.filter((value) => value === forgedValue).length;
    response.end();
  }).listen(0);
  await once(program, 'listening');
  const relay = createServer((request, response) => {
    const { port } = program.address() as AddressInfo;
    plainRequest({ port, headers: request.rawHeaders }, (answer) => answer.pipe(response)).end();
  }).listen(0);
  await once(relay, 'listening');
  t.after(() => [program, relay].forEach((server) => server.close()));
  const { port } = relay.address() as AddressInfo;
  const asked = plainRequest({
    port,
    agent: false,
    headers: ['Host', 'x', ...names.flatMap((name) => [name, forgedValue])],
  }).end();
  const [answer] = (await once(asked, 'response')) as [NodeJS.ReadableStream];
  answer.resume();
  await once(answer, 'end');
  assert.equal(found, names.length);
});

const places = { front: rawFront, gateway: rawGateway } as const;

for (const [how, spelled] of Object.entries(spellings))
  for (const [place, start] of Object.entries(places)) {
    test(`${place}, ${how}: twice, and named in Connection, none of ${names.length} reaches the program`, async (t) => {
      const front = await start(t);
      // In parts: node:http takes 16 KB of header.
      for (let at = 0; at < names.length; at += 40) {
        const part = names.slice(at, at + 40).map(spelled);
        const lines = part.flatMap((name) => [`${name}: ${forgedValue}`, `${name}: ${forgedValue}`]);
        const asked = [
          'POST / HTTP/1.1',
          'Host: localhost',
          `Connection: ${part.join(', ')}`,
          'Transfer-Encoding: chunked',
          ...lines,
          '',
          '0',
        ];
        const trailers = part.map((name) => `${name}: ${forgedValue}`);
        assert.match(await sayRaw(front.port, [...asked, ...trailers, '', ''].join('\r\n'), /ok$/), /^HTTP\/1\.1 200/);
      }
      assert.equal(front.requests().length, Math.ceil(names.length / 40));
      assert.doesNotMatch(front.reached(), new RegExp(forgedValue));
      // The front's own word is there, once.
      for (const request of front.requests())
        assert.equal(request.match(/^x-forwarded-client-cert: By=/gim)?.length, 1);
    });
  }

for (const [place, start] of Object.entries(places))
  test(`${place}, over HTTP/2, with values in one and in several fields`, async (t) => {
    const front = await start(t);
    const session = connect(`https://127.0.0.1:${front.port}`, callersPem);
    t.after(() => session.destroy());
    for (let at = 0; at < names.length; at += 40) {
      const forged = names.slice(at, at + 40).flatMap((name) => [
        [name, [forgedValue, `${forgedValue}, ${forgedValue}`]],
        [name.replaceAll('-', '_'), forgedValue],
      ]) as [string, string][];
      const stream = session.request({ ':path': '/', ':authority': 'localhost', ...Object.fromEntries(forged) }).end();
      const [headers] = (await once(stream, 'response')) as [{ ':status'?: number }];
      assert.equal(headers[':status'], 200);
      stream.resume();
    }
    assert.doesNotMatch(front.reached(), new RegExp(forgedValue));
  });

for (const [place, start] of Object.entries(places))
  test(`${place}: without a certificate nothing reaches the program, whatever the headers say`, async (t) => {
    const front = await start(t);
    const socket = connectTls({ port: front.port, host: '127.0.0.1', rejectUnauthorized: false });
    socket.on('error', () => undefined);
    socket.write(
      `GET / HTTP/1.1\r\nHost: localhost\r\n${names.map((name) => `${name}: ${forgedValue}\r\n`).join('')}\r\n`,
    );
    socket.resume();
    await new Promise<void>((resolve) => socket.once('close', () => resolve()));
    assert.equal(front.reached(), '');
  });

test('the page names exactly what is taken off', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/forwarded-identity.md'), 'utf8');
  const rows = new Map(
    [...page.matchAll(/^\| ([^|`]+?) +\| ((?:`[^`]+`[, ]*)+)\|$/gm)].map(([, whose = '', shown = '']) => [
      whose,
      [...shown.matchAll(/`([^`]+)`/g)].map(([, name]) => name),
    ]),
  );
  for (const { whose, names: listed } of identityHeaders) assert.deepEqual(rows.get(whose), [...listed], whose);
  for (const kept of [
    'authorization',
    'cookie',
    'x-request-id',
    'x-api-key',
    'traceparent',
    'forwarded-by-me',
    'x-access-token',
  ])
    assert.equal(isIdentityHeader(kept), false, kept);
});
