/** A PKCS#12 file (RFC 7292) opened: its MAC first, then what it encrypts. */
import {
  BerBudget,
  berToDer,
  concatBytes,
  contextConstructed,
  contextPrimitive,
  DerReader,
  readObjectIdentifier,
  readSmallInteger,
  tags,
} from '../../../ground/encoding/index.ts';
import { isRefusal, Refusal } from '../../../ground/errors/index.ts';
import { readAlgorithmIdentifier } from '../pkcs8/algorithm-identifier.ts';
import { KeyDeriver, type PasswordLimits } from '../pkcs8/key-deriver.ts';
import type { Password } from '../pkcs8/password.ts';
import type { PasswordCryptography } from '../pkcs8/password-cryptography.ts';
import type { Pkcs12Item } from './items.ts';
import { type MacScheme, verifyMac } from './mac.ts';
import { contentTypes } from './object-identifiers.ts';
import { parseSafeContents, type SafeContext } from './parse-safe-contents.ts';
import { openWithPassword } from './password-encryption.ts';

export interface Pkcs12 {
  readonly items: readonly Pkcs12Item[];
  /** What showed that the file is as its maker left it; `nothing` where that was accepted by name. */
  readonly authenticatedBy: MacScheme | 'nothing';
  /** What a person should know of how the file was protected, in sentences; empty when there is nothing to say. */
  readonly weak: readonly string[];
}

export interface Pkcs12ReadOptions extends PasswordLimits {
  /** `null` is no password, `''` an empty one: the files differ. */
  readonly password: Password;
  /** Accepts a file without a MAC, into which anybody can have put anything; default false. */
  readonly acceptUnauthenticated?: boolean;
  /** Size above which the file is refused unread, in bytes; default 2 MiB, ten times a store of all public authorities. */
  readonly mostBytes?: number;
}

const defaultMostBytes = 2 * 1024 * 1024;

/** An octet decoded in the worst shape, in iterations of PBKDF2-HMAC-SHA256 (see KeyDeriver): about 30 ns. */
const octetWork = 0.25;

interface Layers {
  readonly budget: BerBudget;
  readonly context: Omit<SafeContext, 'encrypted'>;
}

export function parsePkcs12(bytes: Uint8Array, cryptography: PasswordCryptography, options: Pkcs12ReadOptions): Pkcs12 {
  const { password, acceptUnauthenticated = false, mostBytes = defaultMostBytes, ...limits } = options;
  if (bytes.length > mostBytes) throw new Refusal('CS-DER-002', { offset: 0, limit: 'bytes', maximum: mostBytes });
  const weak = new Set<string>();
  const layers = {
    budget: new BerBudget(),
    context: { deriver: new KeyDeriver(password, cryptography, limits), weak },
  };
  layers.context.deriver.spend(bytes.length * octetWork);
  const { content, macData } = openPfx(layer(bytes, layers));
  let authenticatedBy: Pkcs12['authenticatedBy'] = 'nothing';
  if (macData !== undefined) {
    const mac = verifyMac(layers.context.deriver, macData, content);
    if (mac.weak !== undefined) weak.add(mac.weak);
    authenticatedBy = mac.scheme;
  } else if (acceptUnauthenticated) {
    weak.add('no MAC: nothing shows that the file is as its maker left it');
  } else {
    throw new Refusal('CS-PKCS-004', { object: 'PKCS#12 file' });
  }
  const safes = layer(content, layers).enter(tags.sequence);
  const items: Pkcs12Item[] = [];
  while (!safes.done) items.push(...openSafe(safes, layers));
  return { items, authenticatedBy, weak: [...weak] };
}

/** One encoding inside another: BER each, for which the whole file has one budget. */
function layer(bytes: Uint8Array, { budget }: Layers): DerReader {
  const der = berToDer(bytes, budget);
  return DerReader.over(der, der.length);
}

function openPfx(outer: DerReader): { content: Uint8Array; macData: DerReader | undefined } {
  const pfx = outer.enter(tags.sequence);
  if (readSmallInteger(pfx) !== 3) throw new Refusal('CS-PKCS-006', { rule: 'version other than 3 (RFC 7292, 4)' });
  const authSafe = pfx.enter(tags.sequence);
  const type = readObjectIdentifier(authSafe);
  if (type === contentTypes.signedData)
    throw new Refusal('CS-PKCS-003', { algorithm: 'PKCS#12 signed with a key in place of a MAC' });
  if (type !== contentTypes.data) throw new Refusal('CS-PKCS-003', { algorithm: `PKCS#12 content ${type}` });
  const content = explicitOctets(authSafe);
  const macData = pfx.done ? undefined : pfx.enter(tags.sequence);
  pfx.finish();
  return { content, macData };
}

function explicitOctets(contentInfo: DerReader): Uint8Array {
  const explicit = contentInfo.enter(contextConstructed(0));
  const octets = explicit.contents(tags.octetString);
  explicit.finish();
  contentInfo.finish();
  return octets;
}

/** One ContentInfo of the AuthenticatedSafe. */
function openSafe(safes: DerReader, layers: Layers): Pkcs12Item[] {
  const safe = safes.enter(tags.sequence);
  const type = readObjectIdentifier(safe);
  if (type === contentTypes.data) {
    const bags = layer(explicitOctets(safe), layers).enter(tags.sequence);
    return parseSafeContents(bags, { ...layers.context, encrypted: false });
  }
  if (type !== contentTypes.encryptedData) {
    const what = type === contentTypes.envelopedData ? "PKCS#12 encrypted to a recipient's key" : `content ${type}`;
    throw new Refusal('CS-PKCS-003', { algorithm: what });
  }
  const bags = decrypted(safe, layers).enter(tags.sequence);
  return parseSafeContents(bags, { ...layers.context, encrypted: true });
}

/** EncryptedData (RFC 5652, 8) with the password (RFC 7292, 5.1). */
function decrypted(safe: DerReader, layers: Layers): DerReader {
  const explicit = safe.enter(contextConstructed(0));
  safe.finish();
  const data = explicit.enter(tags.sequence);
  explicit.finish();
  // 2 where there are unprotected attributes, which PKCS#12 has no use for.
  if (readSmallInteger(data) !== 0) throw new Refusal('CS-PKCS-006', { rule: 'EncryptedData not of version 0' });
  const info = data.enter(tags.sequence);
  data.finish();
  const type = readObjectIdentifier(info);
  if (type !== contentTypes.data) throw new Refusal('CS-PKCS-003', { algorithm: `encrypted content ${type}` });
  const identifier = readAlgorithmIdentifier(info);
  const ciphertext = implicitOctets(info);
  info.finish();
  const { plaintext, weak } = openWithPassword(layers.context.deriver, identifier, ciphertext);
  if (weak !== undefined) layers.context.weak.add(weak);
  return decodedOrWrong(plaintext, layers);
}

/** [0] IMPLICIT OCTET STRING: in pieces where it is BER, which only this field's own reader can know. */
function implicitOctets(info: DerReader): Uint8Array {
  if (info.peek() === contextPrimitive(0)) return info.contents(contextPrimitive(0));
  const pieces = info.enter(contextConstructed(0));
  const parts: Uint8Array[] = [];
  while (!pieces.done) parts.push(pieces.contents(tags.octetString));
  return concatBytes(parts);
}

/** The encryption's password may be another than the MAC's, and a wrong one may leave what looks like padding. */
function decodedOrWrong(plaintext: Uint8Array | undefined, layers: Layers): DerReader {
  try {
    if (plaintext !== undefined) return layer(plaintext, layers);
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
  throw new Refusal('CS-PKCS-001', { object: 'PKCS#12 file' });
}
