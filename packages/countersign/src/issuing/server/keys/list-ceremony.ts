/** The ceremony in which a root that is kept apart signs its revocation list, with the issuers that it has revoked. */
import type { Clock } from '../../../ground/clock/index.ts';
import { encodePem, equalBytes } from '../../../ground/encoding/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import { type Certificate, readCertificatesPem } from '../../../identity/x509/index.ts';
import { type HeldKey, KeyCertificate, keySigner } from '../../authority/index.ts';
import { listNumber, nextPublication, signWholeList } from '../../crl/index.ts';
import { step } from './ceremonies.ts';
import { certifiedIn, isSignedBy, signRootAnswers } from './root-answers.ts';
import { keyFiles } from './key-files.ts';
import type { KeyPassphrases } from './passphrases.ts';
import { type CarriedRoot, keepTranscript, type KeptTranscript, openRootFolder } from './root-folder.ts';
import {
  entriesOf,
  readRootRevocations,
  type RevokedIssuer,
  type RootReason,
  writeRootRevocations,
} from './root-revocations.ts';
import type { CeremonyFile } from './transcript.ts';

export interface ListCeremony {
  /** Of the root. */
  readonly folder: string;
  readonly passphrases: KeyPassphrases;
  /** The certificate of an issuer to revoke, PEM; absent: only a fresh list is wanted. */
  readonly revoke?: CeremonyFile | undefined;
  readonly reason: RootReason;
  /** From the list to its nextUpdate, in milliseconds. */
  readonly lifeMs: number;
  readonly clock: Clock;
}

export interface SignedList {
  /** PEM. */
  readonly list: string;
  /** PEM, of as many as there are. */
  readonly answers: string;
  readonly number: bigint;
  readonly transcript: KeptTranscript;
}

export interface ListPlan extends CarriedRoot {
  /** All that the list will have. */
  readonly revoked: readonly RevokedIssuer[];
  /** Who is revoked by it, and was not before. */
  readonly revokes: Certificate | undefined;
  readonly nextUpdateMs: number;
  /** Of whom OCSP answers will speak, beside those that are revoked: the certificates that lie beside the root. */
  readonly answeredFor: readonly Certificate[];
  /** Signs. @param name of the file in which the list will be carried @param answersName of that for the OCSP answers, where there is one */
  sign(name: string, answersName?: string): Promise<SignedList>;
}

/** What would be signed; nothing is yet. @throws CS-CEREMONY-002, -005 */
export async function planRootList(order: ListCeremony): Promise<ListPlan> {
  const { folder, passphrases, revoke, clock, lifeMs } = order;
  const carried = await openRootFolder(folder, passphrases);
  const { root, trustDomain } = carried;
  const opened = step(clock, 'The key of the root was opened with its passphrase.');
  const before = await readRootRevocations(folder);
  const asked = revoke === undefined ? undefined : ofThisRoot(revoke, root);
  const isNew = before.revoked.every(({ serialNumber }) => serialNumber !== asked?.serialNumber);
  const revokes = isNew ? asked : undefined;
  const thisUpdateMs = Math.floor(clock.now() / 1000) * 1000;
  const revoked = [...before.revoked, ...entryOf(revokes, order.reason, thisUpdateMs)];
  const nextUpdateMs = thisUpdateMs + lifeMs;
  const answeredFor = await certifiedIn(folder, root.certificate);
  const sign: ListPlan['sign'] = async (name, answersName) => {
    const confirmed = step(clock, 'What would be signed was shown, and was confirmed.');
    const publication = nextPublication(before.publication, clock.now());
    const memory = { version: 1, publication, revoked } as const;
    // Kept before it is used, so that no number is given twice, and nothing that was revoked is forgotten.
    await writeRootRevocations(folder, memory);
    const number = listNumber(0, publication);
    const signer = new KeyCertificate(root.certificate, keySigner(root.privateKey), []);
    const der = await signWholeList(
      { facts: signer.facts, signList: (list) => signer.signList(list) },
      { number, thisUpdateMs, nextUpdateMs, entries: entriesOf(memory) },
    );
    const list = encodePem('X509 CRL', der);
    const answers = signRootAnswers({ root, issuers: answeredFor, revoked, thisUpdateMs, nextUpdateMs });
    const signed = step(clock, `The root's list ${String(number)} was signed, with ${String(revoked.length)} revoked.`);
    const transcript = await keepTranscript(
      folder,
      {
        title: revokes === undefined ? 'a revocation list was signed' : 'an issuer was revoked',
        trustDomain,
        steps: [opened, confirmed, signed],
        files: [
          { name: keyFiles.anchor, contents: encodePem('CERTIFICATE', root.certificate.raw) },
          ...(revoke === undefined ? [] : [revoke]),
          { name, contents: list },
          ...(answersName === undefined ? [] : [{ name: answersName, contents: answers }]),
        ],
      },
      root,
    );
    return { list, answers, number, transcript };
  };
  return { ...carried, revoked, revokes, answeredFor, nextUpdateMs, sign };
}

function entryOf(certificate: Certificate | undefined, reason: RootReason, atMs: number): readonly RevokedIssuer[] {
  return certificate === undefined ? [] : [{ serialNumber: certificate.serialNumber, reason, atMs }];
}

/** The first of the file is meant: what stands above it may follow. */
function ofThisRoot({ name, contents }: CeremonyFile, { certificate: root }: HeldKey): Certificate {
  const [certificate] = readCertificatesPem(contents);
  if (certificate === undefined) throw notOfThisRoot(name, 'it holds no certificate');
  if (equalBytes(certificate.raw, root.raw)) throw notOfThisRoot(name, 'it is the root itself');
  if (!isSignedBy(certificate, root)) throw notOfThisRoot(name, 'the root has not signed it');
  return certificate;
}

function notOfThisRoot(file: string, rule: string): Refusal {
  return new Refusal('CS-CEREMONY-005', { file, rule });
}
