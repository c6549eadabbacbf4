/** What an input holds: its PEM blocks, or the one object that its DER is; PKCS#7 is unpacked. */
import { parsePem, tags, type PemBlock } from '../../ground/encoding/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import { derKind } from './der-kind.ts';
import { nameBytes } from './name-bytes.ts';
import { unpackPkcs7 } from './pkcs7.ts';

const oldEncryption = "OpenSSL's old encryption of keys (Proc-Type, DEK-Info), whose passphrases are guessed fast";

/** Labels as in PEM, for DER too. At least one block. */
export function cryptoObjects(bytes: Uint8Array, name: string): PemBlock[] {
  const text = new TextDecoder().decode(bytes);
  // Headers inside a block are no PEM of RFC 7468; OpenSSL's own encryption of keys has them, and one command makes PKCS#8 of it.
  if (/^Proc-Type: 4,ENCRYPTED\r?$/m.test(text)) throw new Refusal('CS-PKCS-003', { algorithm: oldEncryption });
  const blocks = text.includes('-----BEGIN') ? parsePem(text) : [derBlock(bytes, name)];
  return blocks.flatMap((block) => (isPkcs7(block) ? unpackPkcs7(block.bytes, name) : [block]));
}

function derBlock(bytes: Uint8Array, name: string): PemBlock {
  if (bytes[0] !== tags.sequence) throw new Refusal('CS-RUN-005', { input: name, found: nameBytes(bytes) });
  const label = derKind(bytes);
  if (label === undefined) throw new Refusal('CS-RUN-005', { input: name, found: 'other DER' });
  return { label, bytes };
}

/** "CMS" by RFC 7468 (8, 9); "PKCS #7 SIGNED DATA" by programs of old. */
function isPkcs7({ label }: PemBlock): boolean {
  return label === 'PKCS7' || label === 'CMS' || label === 'PKCS #7 SIGNED DATA';
}
