/** `openssl verify -crl_check_all` and our own check answer alike about the same lists, with deltas and indirect lists and without. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { encodePem } from '../../packages/countersign/src/ground/encoding/index.ts';
import { checkPathByLists, HeldLists } from '../../packages/countersign/src/identity/revocation/index.ts';
import {
  type CertificateList,
  crlDistributionPointsExtension,
  freshestCrlExtension,
  keyUsageExtension,
} from '../../packages/countersign/src/identity/x509/index.ts';
import { type Folder, temporaryFolder } from '../e2e/command.ts';
import {
  generatePrivateKey,
  type Holder,
  hourMs,
  makeIssuer,
  makeRoot,
  makeService,
  testMoment,
  verifySignature,
} from '../fixtures/certificates.ts';
import { entryFor, type ListRecipe, makeList } from '../fixtures/revocation-lists.ts';
import { missing, run } from './peers.ts';

const skip = missing('openssl');

const shard = 'http://lists.internal/7.crl';
const root = makeRoot();
const issuer = makeIssuer(root);
const listIssuer = makeIssuer(root, { subject: 'list issuer', extensions: [keyUsageExtension(['cRLSign'])] });
/** OpenSSL looks for deltas where this names them. */
const freshest = freshestCrlExtension([{ fullName: { uri: ['http://lists.internal/delta.crl'] } }]);
const plain = makeService(issuer);
const sharded = makeService(issuer, {
  moreExtensions: [crlDistributionPointsExtension([{ fullName: { uri: [shard] } }])],
});
const indirect = makeService(issuer, {
  moreExtensions: [crlDistributionPointsExtension([{ cRLIssuer: { directory: [listIssuer.certificate.subject] } }])],
});

type Answer = 'good' | 'revoked' | 'undetermined';

interface Scene {
  readonly leaf?: Holder;
  readonly lists: readonly CertificateList[];
  /** With -extended_crl -use_deltas, and of ours. */
  readonly extended: Answer;
  /** Without, and without the deltas, which OpenSSL then takes for complete lists. */
  readonly plain: Answer;
}

const complete = (recipe: ListRecipe = {}): CertificateList =>
  makeList(issuer, { number: 5, moreExtensions: [freshest], ...recipe });
const delta = (recipe: ListRecipe = {}): CertificateList =>
  makeList(issuer, { number: 7, base: 5, thisUpdate: testMoment - hourMs / 4, ...recipe });
const revoking = { revoked: [entryFor(plain, 'keyCompromise')] };
const holding = { revoked: [entryFor(plain, 'certificateHold')] };
const releasing = { revoked: [entryFor(plain, 'removeFromCRL')] };
const onePart = { onlySomeReasons: ['keyCompromise', 'cACompromise', 'aACompromise'] } as const;
const otherPart = {
  onlySomeReasons: [
    'affiliationChanged',
    'superseded',
    'cessationOfOperation',
    'certificateHold',
    'privilegeWithdrawn',
  ],
} as const;
const indirectEntry = { ...entryFor(indirect), certificateIssuer: issuer.certificate.subject.raw };

const always = (answer: Answer): Pick<Scene, 'extended' | 'plain'> => ({ extended: answer, plain: answer });

const scenes: Readonly<Record<string, Scene>> = {
  good: { lists: [complete()], ...always('good') },
  revoked: { lists: [complete(revoking)], ...always('revoked') },
  held: { lists: [complete(holding)], ...always('revoked') },
  'no list': { lists: [], ...always('undetermined') },
  'out of date': { lists: [complete({ nextUpdate: testMoment - 1000 })], ...always('undetermined') },
  'from the future': { lists: [complete({ thisUpdate: testMoment + 1000 })], ...always('undetermined') },
  'signed by another key': { lists: [complete({ key: generatePrivateKey('P-256') })], ...always('undetermined') },
  'revoked by a delta': { lists: [complete(), delta(revoking)], extended: 'revoked', plain: 'good' },
  'held by a delta': { lists: [complete(), delta(holding)], extended: 'revoked', plain: 'good' },
  'released by a delta': { lists: [complete(holding), delta(releasing)], extended: 'good', plain: 'revoked' },
  'a delta that says nothing': { lists: [complete(revoking), delta()], ...always('revoked') },
  'a delta to a later list': { lists: [complete(), delta({ base: 6, ...revoking })], ...always('good') },
  'a delta of another key': {
    lists: [complete(), delta({ key: generatePrivateKey('P-256'), ...revoking })],
    ...always('good'),
  },
  'for end-entities': { lists: [complete({ scope: { only: 'user' } })], ...always('good') },
  'for authorities': { lists: [complete({ scope: { only: 'authority' } })], ...always('undetermined') },
  'the shard that it names': {
    leaf: sharded,
    lists: [makeList(issuer, { scope: { fullName: { uri: [shard] } }, revoked: [entryFor(sharded)] })],
    ...always('revoked'),
  },
  'another shard': {
    leaf: sharded,
    lists: [makeList(issuer, { scope: { fullName: { uri: ['http://lists.internal/8.crl'] } } })],
    ...always('undetermined'),
  },
  'both parts of the reasons': {
    lists: [makeList(issuer, { scope: onePart }), makeList(issuer, { scope: otherPart })],
    extended: 'good',
    plain: 'undetermined',
  },
  'one part of the reasons': { lists: [makeList(issuer, { scope: onePart })], ...always('undetermined') },
  'an indirect list': {
    leaf: indirect,
    lists: [makeList(listIssuer, { scope: { indirectCRL: true } })],
    extended: 'good',
    plain: 'undetermined',
  },
  'revoked by an indirect list': {
    leaf: indirect,
    lists: [makeList(listIssuer, { scope: { indirectCRL: true }, revoked: [indirectEntry] })],
    extended: 'revoked',
    plain: 'undetermined',
  },
  "the list issuer's own serial number": {
    leaf: indirect,
    lists: [makeList(listIssuer, { scope: { indirectCRL: true }, revoked: [entryFor(indirect)] })],
    extended: 'good',
    plain: 'undetermined',
  },
};

/** Scenes that need what `-extended_crl` adds; ours has it always. */
const needsExtended: readonly string[] = Object.entries(scenes)
  .filter(([, scene]) => scene.extended !== scene.plain && scene.plain === 'undetermined')
  .map(([name]) => name);

const rootList = makeList(root);

let folder: Folder;
before(async () => {
  folder = await temporaryFolder();
  await writeFile(folder.in('root.pem'), encodePem('CERTIFICATE', root.certificate.raw));
  const between = [issuer, listIssuer].map(({ certificate }) => encodePem('CERTIFICATE', certificate.raw));
  await writeFile(folder.in('between.pem'), between.join(''));
});
after(() => folder.remove());

for (const [name, scene] of Object.entries(scenes)) {
  test(`${name}: OpenSSL and ours answer alike`, { skip }, async () => {
    const { leaf = plain, lists } = scene;
    const completeAlone = lists.filter(({ baseCrlNumber }) => baseCrlNumber === undefined);
    assert.deepEqual(
      {
        extended: await openssl(leaf, lists, ['-extended_crl', '-use_deltas']),
        plain: await openssl(leaf, completeAlone, []),
        ours: ours(leaf, lists),
        oursWithoutDeltas: ours(leaf, completeAlone),
      },
      {
        extended: scene.extended,
        plain: scene.plain,
        ours: scene.extended,
        oursWithoutDeltas: needsExtended.includes(name) ? scene.extended : scene.plain,
      },
    );
  });
}

test(
  'OpenSSL without -use_deltas takes a delta for a complete list: nobody must be handed both unasked',
  { skip },
  async () => {
    const lists = [complete(revoking), delta()];
    assert.equal(await openssl(plain, lists, []), 'good');
    assert.equal(ours(plain, lists), 'revoked');
  },
);

function ours({ certificate }: Holder, lists: readonly CertificateList[]): Answer {
  const { refusal } = checkPathByLists({
    path: { certificates: [certificate, issuer.certificate, root.certificate], anchor: root.certificate },
    lists: new HeldLists([rootList, ...lists]),
    others: [listIssuer.certificate],
    at: testMoment,
    verifySignature,
  });
  if (refusal === undefined) return 'good';
  return refusal.code === 'CS-CRL-002' ? 'revoked' : 'undetermined';
}

async function openssl({ certificate }: Holder, lists: readonly CertificateList[], more: string[]): Promise<Answer> {
  const leafFile = folder.in('leaf.pem');
  const listFile = folder.in('lists.pem');
  await writeFile(leafFile, encodePem('CERTIFICATE', certificate.raw));
  await writeFile(listFile, [rootList, ...lists].map(({ raw }) => encodePem('X509 CRL', raw)).join(''));
  const { status, err } = await run('openssl', [
    ...['verify', '-attime', String(testMoment / 1000), '-crl_check_all', '-no-CApath', '-no-CAstore', ...more],
    ...['-CAfile', folder.in('root.pem'), '-untrusted', folder.in('between.pem'), '-CRLfile', listFile, leafFile],
  ]);
  if (status === 0) return 'good';
  return /error 23 at/.test(err) ? 'revoked' : 'undetermined';
}
