import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkText } from './check-configuration.ts';

const good = `version: 1
listen: { port: 8443 }
credentials:
  main: { certificate: cert.pem, key: key.pem }
trust:
  corp.internal: { anchors: [roots.pem] }
partners:
  - name: acme
    trust: corp.internal
    who: [{ spiffeId: spiffe://corp.internal/acme }]
  - name: beta
    trust: corp.internal
    who: [{ dnsName: beta.corp.internal }]
hosts:
  api.test: { certificate: required, credential: main, trust: [corp.internal] }
  www.test: { certificate: none, credential: main }
routes:
  - { name: payments, host: api.test, path: /payments/, allow: [acme, beta], upstream: payments }
  - { name: pages, host: www.test, path: /, upstream: pages }
upstreams:
  payments: { targets: ['http://127.0.0.1:9000'] }
  pages: { targets: ['http://127.0.0.1:9001'] }
`;

async function problemsOf(text: string): Promise<readonly string[]> {
  const checked = await checkText(text);
  if (!('problems' in checked)) return [];
  return checked.problems.map(({ code, evidence }) =>
    [
      code.slice(-3),
      `${String(evidence['line'])}:${String(evidence['column'])}`,
      evidence['setting'] ?? evidence['route'],
      evidence['nearest'],
    ]
      .filter((part) => part !== undefined)
      .join(' '),
  );
}

test('a good configuration is taken, with its defaults filled in', async () => {
  const checked = await checkText(good);
  assert.ok('file' in checked, JSON.stringify(checked));
  const { listen, routes, partners } = checked.file;
  assert.equal(listen.host, '127.0.0.1');
  assert.equal(routes[0]?.bounds.requestBytes, 10_485_760);
  assert.deepEqual(partners[0]?.routes, ['*']);
});

test('every problem is told in one go, each with its line, column, place and near match', async () => {
  const bad = good
    .replace('upstream: payments }', 'upstrem: payments }')
    .replace('certificate: none,', 'certificate: never,')
    .replace('{ port: 8443 }', '{ port: 8443, hots: 0.0.0.0 }');
  assert.deepEqual(await problemsOf(bad), [
    '002 2:23 listen.hots host',
    '003 16:28 hosts.www.test.certificate',
    '003 18:5 routes[0].upstream',
    '002 18:78 routes[0].upstrem upstream',
  ]);
});

test('names that lead nowhere are told with the nearest one that is there', async () => {
  const bad = good
    .replace('upstream: payments }', 'upstream: paymets }')
    .replace('[acme, beta]', '[acme, betta, "spiffe://corp.internal/a//b"]')
    .replace('host: www.test', 'host: ww.test')
    .replace('credential: main, trust', 'credential: mian, trust');
  assert.deepEqual(await problemsOf(bad), [
    '004 15:50 hosts.api.test.credential main',
    '004 18:120 routes[0].upstream payments',
    '004 18:71 routes[0].allow[1] beta',
    '003 18:78 routes[0].allow[2]',
    '004 19:26 routes[1].host www.test',
  ]);
});

test('the same twice, a route that is never reached, and one that its host asks no certificate for are refused', async () => {
  const more = (route: string): string => good.replace('upstreams:', `  - ${route}\nupstreams:`);
  const cases = [
    ['{ name: pages, host: www.test, path: /b/, upstream: pages }', '005 20:13 routes[2].name'],
    ['{ name: two, host: www.test, path: /, methods: [GET], upstream: pages }', '006 20:5 two'],
    ['{ name: two, host: www.test, path: /b/, allow: [acme], upstream: pages }', '007 20:52 two'],
    ['{ name: two, host: api.test, path: /b/, upstream: pages }', '007 20:5 two'],
    ['{ name: two, host: www.test, path: /a/../b, upstream: pages }', '003 20:40 routes[2].path'],
    ['{ name: two, host: www.test, path: /%61/, upstream: pages }', '003 20:40 routes[2].path'],
  ] as const;
  for (const [route, expected] of cases) assert.deepEqual(await problemsOf(more(route)), [expected], route);
});

test('partners are read as everywhere, and no identity is of two of them', async () => {
  const who = (text: string): string => good.replace('{ dnsName: beta.corp.internal }', text);
  assert.deepEqual(await problemsOf(who('{ organizationIdentifier: ACME }')), [
    '003 13:37 partners[1].who[0].organizationIdentifier',
  ]);
  assert.deepEqual(await problemsOf(who('{ dnsName: b.test, paymentRoles: [PSP_XX] }')), [
    '003 13:44 partners[1].who[0].paymentRoles',
  ]);
  assert.deepEqual(await problemsOf(who('{}')), ['003 13:11 partners[1].who[0]']);
  assert.deepEqual(await problemsOf(who('{ spiffeId: spiffe://corp.internal/acme }')), [
    '005 13:11 partners[1].who[0]',
  ]);
  assert.deepEqual(await problemsOf(who('{ organizationIdentifier: PSDES-BDE-3DFD21, paymentRoles: [PSP_AI] }')), []);
});

test('no file takes a check away', async () => {
  for (const key of ['rejectUnauthorized', 'insecureSkipVerify', 'allowAnyPeer', 'sessionTickets', 'minVersion']) {
    const bad = good.replace('certificate: required,', `certificate: required, ${key}: true,`);
    assert.deepEqual(await problemsOf(bad), ['008 15:38 hosts.api.test.' + key]);
  }
});

test('a text that is no YAML is refused with its line, and what is written in it is not repeated', async () => {
  const checked = await checkText(`${good}secret: "hunter2`);
  assert.ok('problems' in checked);
  assert.equal(checked.problems[0]?.code, 'CS-GATEWAY-001');
  assert.doesNotMatch(JSON.stringify(checked.problems.map(({ message }) => message)), /hunter2/);
});

test('means of revocation that nothing would come of are told', async () => {
  const trusting = (more: string): string =>
    good.replace('{ anchors: [roots.pem] }', `{ anchors: [roots.pem], ${more} }`);
  const problems = async (more: string): Promise<readonly string[]> =>
    (await problemsOf(trusting(more))).map((told) => told.replace(/ \S+:\S+/, ''));
  const place = 'trust.corp.internal';
  assert.deepEqual(await problems('revocation: { crl: [corp.crl, "http://crl.corp/a.crl"], ocsp: named }'), []);
  assert.deepEqual(await problems('feed: { url: "https://ca.corp:8443", credential: main }'), []);
  assert.deepEqual(await problems('feed: { socket: authority.sock, afterLease: continue }'), []);
  assert.deepEqual(await problems('revocation: { undetermined: let-in }'), [`003 ${place}.revocation`]);
  assert.deepEqual(await problems('revocation: { crl: ["https://crl.corp/a.crl"] }'), [
    `003 ${place}.revocation.crl[0]`,
  ]);
  assert.deepEqual(await problems('revocation: { ocsp: responder }'), [`003 ${place}.revocation.ocsp`]);
  assert.deepEqual(await problems('revocation: { ocsp: named, undetermind: let-in }'), [
    `002 ${place}.revocation.undetermind undetermined`,
  ]);
  assert.deepEqual(await problems('feed: { url: "https://ca.corp:8443" }'), [`003 ${place}.feed`]);
  assert.deepEqual(await problems('feed: { socket: a, credential: main }'), [`003 ${place}.feed`]);
  assert.deepEqual(await problems('feed: { url: "https://ca.corp:8443", credential: mian }'), [
    `004 ${place}.feed.credential main`,
  ]);
});
