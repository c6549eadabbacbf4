/** `inspect` says what a file holds, in PEM and DER, and never shows a private key. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { makeCertificate, makeRequest } from './certificates.ts';
import { temporaryFolder, type Folder } from './command.ts';
import { countersign } from './here.ts';

let folder: Folder;
const root = makeCertificate({ commonName: 'Root', authority: true });
const names = { dns: ['web.internal'], uri: ['spiffe://dev.internal/web'], ip: ['127.0.0.1'] };
const leaf = makeCertificate({ commonName: 'web', issuer: root, names, purposes: ['clientAuth', 'serverAuth'] });

before(async () => {
  folder = await temporaryFolder();
  await writeFile(folder.in('chain.pem'), leaf.pem + root.pem);
  await writeFile(folder.in('leaf.der'), leaf.der);
  await writeFile(folder.in('key.pem'), leaf.key.toPem(), { mode: 0o600 });
});

after(() => folder.remove());

test('a chain in PEM: one event a certificate, complete', async () => {
  const { status, events, err } = await countersign(['inspect', folder.in('chain.pem'), '--json']);
  assert.equal(status, 0);
  const [first, second, result, ...more] = events;
  assert.deepEqual(more, []);
  assert.equal(first?.['event'], 'certificate');
  assert.deepEqual(first['names'], ['web.internal', 'spiffe://dev.internal/web', '127.0.0.1']);
  assert.deepEqual(first['extendedKeyUsage'], ['clientAuth', 'serverAuth']);
  assert.equal(first['authority'], false);
  assert.match(String(first['serial']), /^[0-9A-F]{32}$/);
  assert.match(String(first['notAfter']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  assert.equal(second?.['authority'], true);
  assert.deepEqual(result, { event: 'result', objects: 2 });
  assert.match(err, /web\.internal/, 'the text for people is on stderr');
});

test('DER says the same as PEM, from stdin too', async () => {
  const [pem, der, stdin] = await Promise.all([
    countersign(['inspect', folder.in('chain.pem'), '--json']),
    countersign(['inspect', folder.in('leaf.der'), '--json']),
    countersign(['inspect', '-', '--json'], { input: leaf.der }),
  ]);
  assert.equal(der.events[0]?.['sha256'], pem.events[0]?.['sha256']);
  assert.equal(stdin.events[0]?.['sha256'], pem.events[0]?.['sha256']);
});

test('a request: its names, and whether its own key signed it', async () => {
  const request = makeRequest({ dns: ['orders.internal'] });
  const broken = Uint8Array.from(request.der);
  const last = broken.length - 1;
  broken[last] = (broken[last] ?? 0) ^ 1;
  const [good, bad] = await Promise.all([
    countersign(['inspect', '-', '--json'], { input: request.pem }),
    countersign(['inspect', '-', '--json'], { input: broken }),
  ]);
  assert.equal(good.events[0]?.['event'], 'request');
  assert.deepEqual(good.events[0]['names'], ['orders.internal']);
  assert.equal(good.events[0]['signedByItsKey'], true);
  assert.equal(bad.events[0]?.['signedByItsKey'], false);
});

test('a private key: its kind and its public half, nothing else', async () => {
  const { status, out, err, events } = await countersign(['inspect', folder.in('key.pem'), '--json']);
  assert.equal(status, 0);
  assert.equal(events[0]?.['event'], 'private-key');
  assert.equal(events[0]['type'], 'P-256');
  const body = leaf.key.toPem().split('\n')[1] ?? '';
  assert.ok(body.length > 20 && !out.includes(body) && !err.includes(body));
  assert.deepEqual(Object.keys(events[0]), ['event', 'input', 'index', 'type', 'usable', 'publicKey']);
});

test('the text fits 80 columns but for what may not be cut', async () => {
  const { out } = await countersign(['inspect', folder.in('chain.pem')]);
  for (const line of out.split('\n')) assert.ok(line.length <= 80 || !line.trim().includes(' '), line);
});

test('of several certificates each says who issued it: the next one, another, nobody here', async () => {
  const stranger = makeCertificate({ commonName: 'web', names, purposes: ['clientAuth'] });
  const texts = { chain: [leaf, root], turned: [root, leaf], broken: [leaf, stranger] };
  const told = Object.values(texts).map(async (chain) => {
    const { events, err } = await countersign(['inspect', '-', '--json'], {
      input: chain.map(({ pem }) => pem).join(''),
    });
    return [events.slice(0, -1).map((one) => one['issuedBy']), /issued by .*/i.exec(err)?.[0]];
  });
  assert.deepEqual(await Promise.all(told), [
    [
      [
        { index: 1, next: true },
        { index: null, next: null },
      ],
      'issued by the next certificate, whose key verifies the signature',
    ],
    [
      [
        { index: null, next: false },
        { index: 0, next: null },
      ],
      'issued by number 1 here',
    ],
    [
      [
        { index: null, next: false },
        { index: null, next: null },
      ],
      'issued by the next certificate, nor by another one here',
    ],
  ]);
});

test('of several inputs each is shown, and the status is of the first that failed', async () => {
  await writeFile(folder.in('page.html'), '<html></html>');
  const inputs = [folder.in('key.pem'), folder.in('absent.pem'), folder.in('page.html'), folder.in('leaf.der')];
  const { status, events, err } = await countersign(['inspect', ...inputs, '--json']);
  assert.equal(status, 3);
  assert.deepEqual(
    events.map((one) => [one['event'], one['code'], one['input']]),
    [
      ['private-key', undefined, inputs[0]],
      ['refused', 'CS-FILE-001', inputs[1]],
      ['refused', 'CS-RUN-005', inputs[2]],
      ['certificate', undefined, inputs[3]],
      ['result', undefined, undefined],
    ],
  );
  assert.deepEqual(events.at(-1), { event: 'result', objects: 2, failed: 2 });
  assert.match(err, /page\.html:\n/);
});
