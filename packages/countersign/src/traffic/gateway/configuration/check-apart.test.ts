import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkApart } from './check-apart.ts';
import { checkText } from './check-configuration.ts';

const many = 2_500;

/** Above the size from which on a thread reads it. */
const text = (more = ''): string => `version: 1
listen: { port: 0 }
credentials: { main: { folder: . } }
trust:
  a.test: { anchors: [roots.pem, others.pem] }
hosts: { api.test: { certificate: required, credential: main, trust: [a.test] } }
partners:
${Array.from({ length: 300 }, (_, at) => `  - { name: p-${at}, trust: a.test, who: [{ spiffeId: spiffe://a.test/p-${at} }] }`).join('\n')}
routes:
${Array.from({ length: many }, (_, at) => `  - { name: r-${at}, host: api.test, path: /r-${at}/, allow: [p-${at % 300}], upstream: plain, methods: [GET] }`).join('\n')}
${more}upstreams: { plain: { targets: ['http://127.0.0.1:9'] } }
`;

test('a large file is read as a small one is, and where its parts are written is known', async () => {
  const [apart, inPlace] = [await checkApart(text(), 'g.yaml'), await checkText(text(), 'g.yaml')];
  assert.ok('file' in apart && 'file' in inPlace);
  assert.deepEqual(apart.file, inPlace.file);
  assert.equal(apart.file.routes.length, many);
  for (const place of [
    ['credentials', 'main', 'folder'],
    ['trust', 'a.test', 'anchors', 1],
    ['trust', 'a.test', 'revocation', 'crl', 0],
    ['hosts', 'api.test', 'credential'],
    ['tokens', 'none'],
  ])
    assert.deepEqual(apart.read.at(place), inPlace.read.at(place), place.join('.'));
});

test('what is wrong with a large file is told as of a small one, and the process goes on meanwhile', async () => {
  const wrong = text('  - { name: r-1, host: api.tset, path: /again/, allow: [p-1], upstream: plain }\n');
  let [turns, going] = [0, true];
  const turn = (): void => {
    turns += 1;
    if (going) setImmediate(turn);
  };
  setImmediate(turn);
  const apart = await checkApart(wrong, 'g.yaml');
  going = false;
  const inPlace = await checkText(wrong, 'g.yaml');
  assert.ok('problems' in apart && 'problems' in inPlace);
  const told = ({ problems }: typeof apart): unknown => problems.map(({ code, evidence }) => ({ code, evidence }));
  assert.deepEqual(told(apart), told(inPlace));
  assert.deepEqual(
    apart.problems.map(({ code, evidence }) => [code, evidence['line']]),
    [
      ['CS-GATEWAY-005', many + 309],
      ['CS-GATEWAY-004', many + 309],
    ],
  );
  // Read in place it leaves some dozens.
  assert.ok(turns > 500, String(turns));
});
