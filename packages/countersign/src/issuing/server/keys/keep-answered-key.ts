/** A key that came with its certificate, put where a key waits for its answer: so that a running authority finds it there, and no key goes over a connection. */
import { encodePem } from '../../../ground/encoding/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import type { PrivateKey } from '../../../runtime/cryptography/index.ts';
import { encodeIssuerRequest } from '../../authority/index.ts';
import { type IssuerAnswer, planIssuer } from './accept-issuer.ts';
import { keyFiles, keySettingsShape } from './key-files.ts';
import { readKeyFolder, readKeyFolderJson } from './key-folder.ts';
import type { GivenPassphrase } from './passphrases.ts';
import { keepWaitingKey } from './request-issuer.ts';

export interface AnsweredKey extends Omit<IssuerAnswer, 'ledgerId' | 'trustDomain'> {
  readonly privateKey: PrivateKey;
  readonly passphrase: GivenPassphrase | undefined;
}

/**
 * Only where all of the answer is in order: a key that waits for another one is removed by it. Answers whether one was.
 * @throws CS-ISSUER-002 to -010
 */
export async function keepAnsweredKey({ passphrase, ...answer }: AnsweredKey): Promise<boolean> {
  const { dir, privateKey } = answer;
  const settings = await readKeyFolderJson(dir, keyFiles.settings, keySettingsShape);
  if (settings === undefined) throw new Refusal('CS-ISSUER-008', { dir });
  const { trustDomain } = await planIssuer({ ...answer, ledgerId: settings.ledger });
  const request = encodePem('CERTIFICATE REQUEST', encodeIssuerRequest(privateKey, { trustDomain }));
  return keepWaitingKey(dir, (await readKeyFolder(dir)) ?? {}, { trustDomain, privateKey, request, passphrase });
}
