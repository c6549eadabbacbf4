/** Administrators by the command: settings name them, a token enrols them, they work from elsewhere, and two must agree. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';

import { type Folder, type RunningAuthority, startAuthority, temporaryFolder } from './command.ts';
import { countersign } from './here.ts';

let folder: Folder;
let authority: RunningAuthority;

const settings = (eve: string): string => `administrators:
  certificates:
    carol: [root, auditor]
    dave: [root, operator]
    eve: ${eve}
`;

before(async () => {
  folder = await temporaryFolder();
  await countersign(['help']);
  authority = await startAuthority(folder.in('state'));
  await authority.stop();
  await writeFile(folder.in('state', 'authority.yaml'), `${settings('[auditor]')}  persons: 1\n`);
  authority = await startAuthority(folder.in('state'));
  for (const name of ['carol', 'dave', 'eve']) {
    const add = [
      'administrator',
      'add',
      name,
      '--dir',
      folder.in('state'),
      '--out',
      folder.in(`${name}.token`),
      '--json',
    ];
    assert.equal((await countersign(add)).status, 0);
    const issue = ['issue', '--token-file', folder.in(`${name}.token`), '--out', folder.in(name), '--json'];
    const { result, err } = await countersign(issue);
    assert.equal(result['spiffeId'], `spiffe://dev.internal/countersign/administrator/${name}`, err);
  }
});

after(async () => {
  await authority.stop();
  await folder.remove();
});

/** As the administrator, from another machine as far as the authority can tell. */
const as = (name: string, ...words: string[]): ReturnType<typeof countersign> =>
  countersign([...words, '--credential', folder.in(name), '--json']);

const code = (ended: Awaited<ReturnType<typeof countersign>>): unknown => ended.result['code'];

test('each does over HTTPS what his roles say, and is refused the rest by name', async () => {
  assert.equal((await as('eve', 'list')).status, 0);
  assert.equal(code(await as('eve', 'token', 'web')), 'CS-ACCESS-011');
  const { result } = await as('dave', 'token', 'web');
  assert.match(String(result['token']), /^cs1_/);
  assert.equal(code(await as('dave', 'list')), 'CS-ACCESS-011');
  assert.equal((await as('eve', 'list', '--authority', authority.url)).status, 0);
  assert.equal(code(await as('eve', 'list', '--authority', 'http://127.0.0.1')), 'CS-USAGE-003');
  assert.equal(code(await as('eve', 'list', '--dir', folder.in('state'))), 'CS-USAGE-006');
  assert.equal(code(await countersign(['list', '--authority', authority.url, '--json'])), 'CS-USAGE-004');
  const socket = `unix:${folder.in('state', 'authority.sock')}`;
  assert.equal((await countersign(['list', '--authority', socket, '--json'])).status, 0);
});

test('two must agree: proposed by one, shown to and approved by the other, who gets the token', async () => {
  await authority.stop();
  await writeFile(folder.in('state', 'authority.yaml'), settings('[auditor]'));
  authority = await startAuthority(folder.in('state'));
  assert.match(authority.said(), /two persons must agree to what needs the role root/);
  // The port may be another one now, which no certificate says.
  const here = ['--authority', authority.url];
  const asked = await as('carol', 'administrator', 'add', 'eve', '--role', 'auditor', ...here);
  const proposal = asked.result['proposal'] as { id: string; state: string };
  assert.equal(proposal.state, 'open');
  assert.equal(code(await as('carol', 'authority', 'approve', proposal.id, ...here)), 'CS-APPROVAL-002');
  assert.equal(code(await as('eve', 'authority', 'reject', proposal.id, ...here)), 'CS-ACCESS-011');
  const { out } = await countersign(['authority', 'proposals', '--credential', folder.in('dave'), ...here]);
  assert.match(out, /administrator\.add: open.*\n.*whoever|a token for spiffe/);
  const approved = await as('dave', 'authority', 'approve', proposal.id, '--out', folder.in('again.token'), ...here);
  assert.deepEqual([approved.status, approved.result['state']], [0, 'executed']);
  assert.equal(
    (await countersign(['issue', '--token-file', folder.in('again.token'), '--out', folder.in('again')])).status,
    0,
  );
});

test('a revoked administrator can do nothing from then on', async () => {
  const revoke = [
    'revoke',
    'spiffe://dev.internal/countersign/administrator/eve',
    '--yes',
    '--dir',
    folder.in('state'),
  ];
  assert.equal((await countersign(revoke)).status, 0);
  assert.equal(code(await as('eve', 'list', '--authority', authority.url)), 'CS-PEER-008');
});
