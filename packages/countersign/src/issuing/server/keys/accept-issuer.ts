/** The answer to an issuer's request: examined as a whole, and taken in as a whole or not at all. */
import { join } from 'node:path';

import type { Clock } from '../../../ground/clock/index.ts';
import { encodePem, equalBytes, parsePem } from '../../../ground/encoding/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import {
  type Certificate,
  ownSignatureAlgorithm,
  parseCertificationRequest,
  isKeyType,
  type PublicKeyInfo,
  readCertificatesPem,
  type SignatureAlgorithm,
} from '../../../identity/x509/index.ts';
import { type PrivateKey, sha256Hex } from '../../../runtime/cryptography/index.ts';
import { type ExaminedIssuer, examineIssuer, listFolder } from '../../authority/index.ts';
import { damagedState, inStateFile } from './damaged-state.ts';
import { keyFiles, keyFolderName, keySettingsShape, nextIssuerShape, retiredFiles } from './key-files.ts';
import { keyText } from './key-file.ts';
import {
  type FolderContents,
  readKeyFolder,
  readKeyFolderJson,
  replaceKeyFolder,
  settleKeyFolder,
} from './key-folder.ts';
import { settingsText } from './new-authority.ts';
import type { GivenPassphrase } from './passphrases.ts';

export interface IssuerAnswer {
  /** The state directory; this process alone works in it. */
  readonly dir: string;
  /** The database that goes with the keys. */
  readonly ledgerId: string;
  /** In any order, the issuer's own among them. */
  readonly certificates: readonly Certificate[];
  /** A key that came with them, where the corporate authority made it. */
  readonly privateKey?: PrivateKey | undefined;
  /** Of a new authority whose key came with the answer: there was no request that said it. */
  readonly trustDomain?: string | undefined;
  /** The root that endpoints are to trust; absent: that of the authority that is there. */
  readonly anchor?: Certificate | undefined;
  readonly clock: Clock;
}

export interface IssuerPlan extends ExaminedIssuer {
  readonly trustDomain: string;
  readonly issuer: Certificate;
  readonly anchor: Certificate;
  /** Whether it takes the place of another. */
  readonly replaces: boolean;
  /** Writes it. @param passphrase encrypts a key that came with the answer; one that was made here stays as it is */
  accept(passphrase: GivenPassphrase | undefined): Promise<void>;
}

/** Changes nothing. @throws CS-ISSUER-002 to -010 */
export async function planIssuer(answer: IssuerAnswer): Promise<IssuerPlan> {
  const { dir, ledgerId, certificates, clock } = answer;
  await settleKeyFolder(dir);
  const contents = (await readKeyFolder(dir)) ?? {};
  const settings = await readKeyFolderJson(dir, keyFiles.settings, keySettingsShape);
  if (settings !== undefined && settings.ledger !== ledgerId) {
    throw damagedState(join(dir, keyFolderName, keyFiles.settings), 'the database is another than that of these keys');
  }
  const waiting = await waitingKey(dir, contents);
  const { issuer, publicKey, privateKey } = issuerAmong(answer, waiting);
  const next = await readKeyFolderJson(dir, keyFiles.next, nextIssuerShape);
  const trustDomain = settings?.trustDomain ?? next?.trustDomain ?? answer.trustDomain;
  if (trustDomain === undefined) throw new Refusal('CS-ISSUER-008', { dir });
  const anchor = anchorOf(answer, settings === undefined ? undefined : contents[keyFiles.anchor]);
  const examined = examineIssuer({
    certificate: issuer,
    signatureAlgorithm: algorithmOf(publicKey),
    others: certificates,
    anchor,
    trustDomain,
    nowMs: clock.now(),
  });
  const accept: IssuerPlan['accept'] = async (passphrase) => {
    const { [keyFiles.next]: _next, [keyFiles.nextRequest]: _request, [keyFiles.nextKey]: nextKey, ...kept } = contents;
    const { [keyFiles.above]: _above, ...others } = kept;
    const key = privateKey === undefined ? nextKey : keyText(privateKey, passphrase);
    await replaceKeyFolder(dir, {
      ...others,
      ...retiredContents(contents, issuer),
      ...chainContents(anchor, examined.above, issuer),
      [keyFiles.issuerKey]: key ?? '',
      [keyFiles.settings]: settingsText({ version: 1, trustDomain, ledger: ledgerId }),
    });
  };
  return { ...examined, trustDomain, issuer, anchor, replaces: settings !== undefined, accept };
}

/** The issuer that is replaced goes on to publish of its certificates what becomes of them. */
function retiredContents(contents: FolderContents, next: Certificate): FolderContents {
  const { [keyFiles.issuer]: own, [keyFiles.above]: above = '', [keyFiles.issuerKey]: key } = contents;
  // The first issuer replaces none.
  if (own === undefined || key === undefined) return {};
  const [before] = readCertificatesPem(own);
  if (before === undefined || equalBytes(before.publicKey.raw, next.publicKey.raw)) return {};
  const files = retiredFiles(listFolder(before.publicKey.raw));
  return { [files.chain]: `${own}${above}`, [files.key]: key };
}

function chainContents(anchor: Certificate, above: readonly Certificate[], issuer: Certificate): FolderContents {
  const pem = (certificates: readonly Certificate[]): string =>
    certificates.map(({ raw }) => encodePem('CERTIFICATE', raw)).join('');
  return {
    [keyFiles.anchor]: pem([anchor]),
    [keyFiles.issuer]: pem([issuer]),
    ...(above.length === 0 ? {} : { [keyFiles.above]: pem(above) }),
  };
}

/** The public half of the key that waits, from its request: so nobody need give a passphrase to import. */
async function waitingKey(dir: string, contents: FolderContents): Promise<PublicKeyInfo | undefined> {
  const pem = contents[keyFiles.nextRequest];
  if (pem === undefined) return undefined;
  const path = join(dir, keyFolderName, keyFiles.nextRequest);
  return inStateFile(path, () => {
    const [block] = parsePem(pem);
    return block === undefined ? undefined : parseCertificationRequest(block.bytes).publicKey;
  });
}

interface FoundIssuer {
  readonly issuer: Certificate;
  readonly publicKey: PublicKeyInfo;
  /** Where it came with the answer. */
  readonly privateKey?: PrivateKey;
}

function issuerAmong({ dir, certificates, privateKey }: IssuerAnswer, waiting: PublicKeyInfo | undefined): FoundIssuer {
  const of = (key: PublicKeyInfo): Certificate | undefined =>
    certificates.find(({ publicKey }) => equalBytes(publicKey.raw, key.raw));
  if (privateKey !== undefined) {
    const issuer = of(privateKey.publicKey);
    if (issuer !== undefined) return { issuer, publicKey: privateKey.publicKey, privateKey };
  }
  const expected = waiting ?? privateKey?.publicKey;
  if (expected === undefined) throw new Refusal('CS-ISSUER-008', { dir });
  const issuer = waiting === undefined ? undefined : of(waiting);
  if (issuer !== undefined) return { issuer, publicKey: expected };
  const found = certificates.map(({ subject, publicKey }) => `${subject.text} (${sha256Hex(publicKey.raw)})`);
  throw new Refusal('CS-ISSUER-002', { expected: sha256Hex(expected.raw), found });
}

/** An authority that is there keeps its root: all its endpoints pin it. */
function anchorOf({ anchor, certificates }: IssuerAnswer, pem: string | undefined): Certificate {
  const [own] = pem === undefined ? [] : readCertificatesPem(pem);
  if (own !== undefined && anchor !== undefined && !equalBytes(own.raw, anchor.raw)) {
    throw new Refusal('CS-ISSUER-010', { found: sha256Hex(anchor.raw), root: sha256Hex(own.raw) });
  }
  const found = own ?? anchor;
  if (found !== undefined) return found;
  throw new Refusal('CS-ISSUER-009', { found: certificates.map(({ subject }) => subject.text) });
}

function algorithmOf({ type, oid }: PublicKeyInfo): SignatureAlgorithm {
  if (!isKeyType(type)) throw new Refusal('CS-X509-002', { algorithm: `public key ${oid}` });
  return ownSignatureAlgorithm(type);
}
