/** The root's OCSP answers about its issuers, which were signed where its key is: handed out as they lie there, until they end. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import type { Clock } from '../../../ground/clock/index.ts';
import { parsePem } from '../../../ground/encoding/index.ts';
import { isRefusal, Refusal } from '../../../ground/errors/index.ts';
import {
  type CertId,
  certIdIsOf,
  type Certificate,
  encodeOcspError,
  isKnownAlgorithm,
  type OcspError,
  parseOcspRequest,
  parseOcspResponse,
} from '../../../identity/x509/index.ts';
import { systemCode } from '../../../runtime/config/index.ts';
import { certIdHash, sha256Hex, verifySignature } from '../../../runtime/cryptography/index.ts';
import type { OcspReply } from '../../ocsp/index.ts';
import { listFolder } from '../../authority/index.ts';
import { listFolderName } from './revocation-lists.ts';
import { answerLabel, rootAnswersName } from '../keys/root-answers.ts';

/** Some issuers, with two answers each. Own choice. */
const mostAnswers = 1_000;

/** By their CertIDs. @throws CS-CRL-022 where one is not the root's, or no answer */
export function readRootAnswers(text: string, root: Certificate, file: string): ReadonlyMap<string, OcspReply> {
  const answers = new Map<string, OcspReply>();
  const blocks = parsePem(text);
  if (blocks.length > mostAnswers) throw refused(file, `more than ${String(mostAnswers)} answers`);
  for (const { label, bytes } of blocks) {
    if (label !== answerLabel) throw refused(file, `a ${label} instead of an ${answerLabel}`);
    const response = parsed(bytes, file);
    if (response.status !== 'successful') throw refused(file, `it says ${response.status}`);
    const { signatureAlgorithm: algorithm, tbs, signature, responses } = response.basic;
    if (!isKnownAlgorithm(algorithm) || !verifySignature(root.publicKey, algorithm, tbs, signature))
      throw refused(file, "the authority's root has not signed it");
    const [single] = responses;
    if (single === undefined || responses.length > 1 || !isOf(single.certId, root))
      throw refused(file, 'it is not about one certificate of the root');
    const { certId, certStatus, thisUpdate, nextUpdate } = single;
    if (nextUpdate === undefined) throw refused(file, 'it has no end');
    const cache = { tag: sha256Hex(bytes).slice(0, 32), thisUpdateMs: thisUpdate, nextUpdateMs: nextUpdate };
    answers.set(keyOf(certId), { kind: certStatus.status, bytes, cache });
  }
  return answers;
}

function parsed(bytes: Uint8Array, file: string): ReturnType<typeof parseOcspResponse> {
  try {
    return parseOcspResponse(bytes);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    throw new Refusal('CS-CRL-022', { file, rule: 'it is no OCSP response' }, { cause: error });
  }
}

export interface RootAnswers {
  /** Whether all that is asked for is of the root. */
  speaksFor(request: Uint8Array): boolean;
  answer(request: Uint8Array): Promise<OcspReply>;
}

/** @param dir the state directory; what lies with the root's lists there is read again when it was replaced */
export function rootAnswers(root: Certificate, dir: string, clock: Clock): RootAnswers {
  const path = join(dir, listFolderName, listFolder(root.publicKey.raw), rootAnswersName);
  let held: { readonly version: string; readonly answers: ReadonlyMap<string, OcspReply> } | undefined;
  const current = async (): Promise<ReadonlyMap<string, OcspReply>> => {
    const version = await versionOf(path);
    if (version === undefined) return new Map();
    if (held?.version !== version)
      held = { version, answers: readRootAnswers(await readFile(path, 'latin1'), root, rootAnswersName) };
    return held.answers;
  };
  return {
    speaksFor: (request) => asked(request)?.every((certId) => isOf(certId, root)) ?? false,
    answer: async (request) => {
      const certIds = asked(request) ?? [];
      const [certId] = certIds;
      // Nothing is signed here: of several certificates at once there is no answer.
      if (certId === undefined || certIds.length > 1) return failure('unauthorized');
      const found = (await current()).get(keyOf(certId));
      if (found?.cache === undefined || found.cache.nextUpdateMs <= clock.now()) return failure('unauthorized');
      return found;
    },
  };
}

async function versionOf(path: string): Promise<string | undefined> {
  try {
    const { mtimeMs, size, ino } = await stat(path);
    return `${String(ino)} ${String(mtimeMs)} ${String(size)}`;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function asked(request: Uint8Array): readonly CertId[] | undefined {
  try {
    return parseOcspRequest(request).requests.map(({ certId }) => certId);
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}

function isOf(certId: CertId, root: Certificate): boolean {
  const { hashAlgorithm: algorithm } = certId;
  if (algorithm !== 'SHA-1' && algorithm !== 'SHA-256' && algorithm !== 'SHA-384' && algorithm !== 'SHA-512')
    return false;
  return certIdIsOf(certId, root, (bytes) => certIdHash(algorithm, bytes));
}

function keyOf({ hashAlgorithm, serialNumber }: CertId): string {
  return `${hashAlgorithm}:${serialNumber}`;
}

function failure(status: OcspError): OcspReply {
  return { kind: 'error', bytes: encodeOcspError(status) };
}

function refused(file: string, rule: string): Refusal {
  return new Refusal('CS-CRL-022', { file, rule });
}
