/** The ceremonies of a root that is kept apart: made, carried away, and signing the certificate of an issuer. Each leaves its transcript. */
import { join } from 'node:path';

import type { Clock } from '../../../ground/clock/index.ts';
import { encodePem, parsePem } from '../../../ground/encoding/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import { type Certificate, type CertificationRequest, readCertificatesPem } from '../../../identity/x509/index.ts';
import { sha256Hex } from '../../../runtime/cryptography/index.ts';
import { certifyIssuer, createRoot, type HeldKey, readIssuerRequest } from '../../authority/index.ts';
import { writeFileAtomically } from '../../../runtime/config/index.ts';
import { damagedState } from './damaged-state.ts';
import { keyFiles, keyFolderName } from './key-files.ts';
import { openKeyText, requirePassphrase } from './key-file.ts';
import { readKeyFolder, replaceKeyFolder, settleKeyFolder } from './key-folder.ts';
import { certifiedIn, issuedFile } from './root-answers.ts';
import type { GivenPassphrase, KeyPassphrases } from './passphrases.ts';
import {
  type CarriedRoot,
  keepTranscript,
  type KeptTranscript,
  openRootFolder,
  rootFiles,
  writeRootFolder,
} from './root-folder.ts';
import type { CeremonyFile, CeremonyStep } from './transcript.ts';

export interface CarriedAway {
  readonly folder: string;
  /** Encrypts the root's key: one that is carried lies somewhere. */
  readonly passphrase: GivenPassphrase;
  readonly clock: Clock;
}

export interface MadeRoot {
  readonly certificate: Certificate;
  readonly transcript: KeptTranscript;
}

/** Where no authority is: on a machine that stays apart. */
export async function makeRoot(away: CarriedAway, trustDomain: string): Promise<MadeRoot> {
  requirePassphrase(away.passphrase);
  const root = createRoot({ trustDomain, clock: away.clock });
  const made = step(away.clock, `The key of the root was made on this machine (${root.privateKey.type}).`);
  const transcript = await carryRoot(away, root, { trustDomain, title: 'a root was made', steps: [made], files: [] });
  return { certificate: root.certificate, transcript };
}

export interface Carrying {
  readonly trustDomain: string;
  readonly title: string;
  readonly steps: readonly CeremonyStep[];
  /** Beside those of the root. */
  readonly files: readonly CeremonyFile[];
  /** Certificates that it has signed: they are kept beside it. */
  readonly issued?: readonly Certificate[];
}

function keptIssuer(issuer: Certificate): CeremonyFile {
  return { name: issuedFile(issuer), contents: encodePem('CERTIFICATE', issuer.raw) };
}

/** Writes the folder that is carried away. */
export async function carryRoot(away: CarriedAway, root: HeldKey, carrying: Carrying): Promise<KeptTranscript> {
  requirePassphrase(away.passphrase);
  const files = rootFiles(root, away.passphrase);
  await writeRootFolder(away.folder, [...files, ...(carrying.issued ?? []).map(keptIssuer)]);
  const written = step(away.clock, 'Key (under a passphrase) and certificate of the root were written to this folder.');
  const { trustDomain, title } = carrying;
  return keepTranscript(
    away.folder,
    { trustDomain, title, steps: [...carrying.steps, written], files: [...files, ...carrying.files] },
    root,
  );
}

/** Takes the root's key out of the state directory; this process alone works in it. */
export async function exportRoot(away: CarriedAway, dir: string, current: KeyPassphrases): Promise<MadeRoot> {
  await settleKeyFolder(dir);
  const { [keyFiles.rootKey]: key, ...staying } = (await readKeyFolder(dir)) ?? {};
  if (key === undefined) throw new Refusal('CS-CEREMONY-003', { dir });
  const path = `${dir}/${keyFolderName}/${keyFiles.rootKey}`;
  const { privateKey } = await openKeyText(path, key, current);
  const { root, trustDomain } = rootOf(dir, privateKey, staying[keyFiles.anchor]);
  const issued = await certifiedIn(`${dir}/${keyFolderName}`, root.certificate);
  const moved = step(away.clock, 'The key of the root was taken from the state directory of its authority.');
  const transcript = await carryRoot(away, root, {
    trustDomain,
    title: 'a root was carried away',
    steps: [moved],
    files: [],
    issued,
  });
  // What is to be carried is on disk before what it replaces goes.
  await replaceKeyFolder(dir, staying);
  return { certificate: root.certificate, transcript };
}

function rootOf(dir: string, privateKey: HeldKey['privateKey'], pem: string | undefined): CarriedRoot {
  const [certificate] = readCertificatesPem(pem ?? '');
  const [uri = ''] = certificate?.subjectAltName.uri ?? [];
  if (certificate === undefined || sha256Hex(certificate.publicKey.raw) !== sha256Hex(privateKey.publicKey.raw)) {
    throw damagedState(
      `${dir}/${keyFolderName}/${keyFiles.anchor}`,
      `it and ${keyFiles.rootKey} do not belong together`,
    );
  }
  return { root: { certificate, privateKey }, trustDomain: uri.slice('spiffe://'.length) };
}

export interface SigningOrder {
  /** The folder of the root. */
  readonly folder: string;
  readonly passphrases: KeyPassphrases;
  /** The certification request, PEM, and the name under which it was carried here. */
  readonly request: CeremonyFile;
  readonly clock: Clock;
}

export interface SigningPlan extends CarriedRoot {
  readonly request: CertificationRequest;
  readonly requestSha256: string;
  /** Signs. @param name of the file in which the answer will be carried */
  sign(
    name: string,
  ): Promise<{ readonly answer: string; readonly issuer: Certificate; readonly transcript: KeptTranscript }>;
}

/** What would be signed; nothing is yet. */
export async function planSigning({ folder, passphrases, request: file, clock }: SigningOrder): Promise<SigningPlan> {
  const carried = await openRootFolder(folder, passphrases);
  const { root, trustDomain } = carried;
  const opened = step(clock, `The key of the root was opened with its passphrase.`);
  const request = readIssuerRequest(onlyRequest(file), trustDomain);
  const requestSha256 = sha256Hex(new TextEncoder().encode(file.contents));
  const read = step(
    clock,
    `The request for ${request.subject.text} was read; its signature verifies with its own key.`,
  );
  const sign: SigningPlan['sign'] = async (name) => {
    const confirmed = step(clock, 'What would be signed was shown, and was confirmed.');
    const { subject, publicKey } = request;
    const issuer = certifyIssuer(root, { trustDomain, subject: subject.raw, publicKey: publicKey.raw, clock });
    const signed = step(clock, `The issuer's certificate ${issuer.serialNumber} was signed by the root.`);
    const answer = encodePem('CERTIFICATE', issuer.raw);
    // Beside the root: of whom it has certified it speaks by OCSP.
    await writeFileAtomically(join(folder, issuedFile(issuer)), answer);
    const transcript = await keepTranscript(
      folder,
      {
        title: 'an issuer was certified',
        trustDomain,
        steps: [opened, read, confirmed, signed],
        files: [
          { name: keyFiles.anchor, contents: encodePem('CERTIFICATE', root.certificate.raw) },
          file,
          { name, contents: answer },
        ],
      },
      root,
    );
    return { answer, issuer, transcript };
  };
  return { ...carried, request, requestSha256, sign };
}

function onlyRequest({ contents }: CeremonyFile): Uint8Array {
  const blocks = parsePem(contents);
  const [block] = blocks;
  if (block?.label === 'CERTIFICATE REQUEST' && blocks.length === 1) return block.bytes;
  throw new Refusal('CS-PEM-002', {
    expected: 'one CERTIFICATE REQUEST',
    found: blocks.map(({ label }) => label).join(', '),
  });
}

export function step(clock: Clock, what: string): CeremonyStep {
  return { atMs: clock.now(), what };
}
