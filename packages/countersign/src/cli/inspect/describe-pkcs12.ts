/** A PKCS#12 file as data: what it holds, each object with its name in the file. */
import { toHex } from '../../ground/encoding/index.ts';
import { isRefusal, Refusal } from '../../ground/errors/index.ts';
import { parsePkcs12, type Pkcs12, type Pkcs12Item } from '../../identity/x509/index.ts';
import { passwordCryptography, publicHalfOfInfo } from '../../runtime/cryptography/index.ts';
import type { PassphraseSource } from '../input/passphrase.ts';
import { describeCertificate } from './describe-certificate.ts';
import { describeHalf } from './describe-private-key.ts';
import { describeRevocationList } from './describe-revocation-list.ts';
import type { DescribeContext } from './describe-context.ts';
import type { Described, InPkcs12 } from './described.ts';

/** The file itself first, then its objects in their order. */
export async function describePkcs12(bytes: Uint8Array, context: DescribeContext): Promise<Described[]> {
  const { items, authenticatedBy, weak } = await open(bytes, context.passphrases);
  const count = (kind: Pkcs12Item['kind']): number => items.filter((item) => item.kind === kind).length;
  const file: Described = {
    kind: 'pkcs12',
    certificates: count('certificate'),
    keys: count('key'),
    lists: count('crl'),
    others: items.flatMap((item) => (item.kind === 'other' ? [item.bagType] : [])),
    authenticatedBy,
    weak,
  };
  return [file, ...items.flatMap((item) => describeItem(item, context))];
}

/** Many such files have an empty passphrase, or none: these are tried before anybody is asked. */
async function open(bytes: Uint8Array, passphrases: PassphraseSource): Promise<Pkcs12> {
  for (const password of [null, '']) {
    try {
      return parse(bytes, password);
    } catch (error) {
      if (!isRefusal(error) || error.code !== 'CS-PKCS-001') throw error;
    }
  }
  const given = await passphrases.passphrase('the PKCS#12 file');
  if (given !== undefined) return parse(bytes, given);
  throw new Refusal('CS-PKCS-002', { object: 'PKCS#12 file: --passphrase-file FILE, or COUNTERSIGN_PASSPHRASE' });
}

/** To look at it is not to trust it: a file without a MAC is shown, and said to be one. */
function parse(bytes: Uint8Array, password: string | null): Pkcs12 {
  return parsePkcs12(bytes, passwordCryptography, { password, acceptUnauthenticated: true });
}

function describeItem(item: Pkcs12Item, context: DescribeContext): Described[] {
  const place: InPkcs12 = {
    ...(item.friendlyName === undefined ? {} : { friendlyName: item.friendlyName }),
    ...(item.localKeyId === undefined ? {} : { localKeyId: toHex(item.localKeyId) }),
  };
  switch (item.kind) {
    case 'certificate':
      return [{ ...describeCertificate(item.der, context), ...place }];
    case 'crl':
      return [{ ...describeRevocationList(item.der, context.now), ...place }];
    case 'key':
      return [{ ...describeHalf(publicHalfOfInfo(item.key)), ...place }];
    case 'other':
      // Counted by its type in the file's own line: its contents may be secret.
      return [];
  }
}
