/** An authority for tests, in memory: it signs whatever a test needs, the wrong as well as the right. Never for anything else. */
import {
  concatBytes,
  encodeElement,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  fromHex,
} from '../../ground/encoding/index.ts';
import { systemClock, type Clock } from '../../ground/clock/index.ts';
import { type FeedSigner, issuerKeyOf, type RevokedEntry } from '../../identity/revocation/index.ts';
import { type Bundle, BundleSet } from '../../identity/spiffe/index.ts';
import {
  authorityKeyIdentifierExtension,
  basicConstraintsExtension,
  type Certificate,
  encodeCertId,
  encodeName,
  encodeOcspResponse,
  encodeResponseData,
  encodeSigned,
  encodeTbsCertificate,
  extendedKeyUsageExtension,
  extendedKeyUsages,
  type GeneralNames,
  keyIdentifier,
  type KeyType,
  keyUsageExtension,
  parseCertificate,
  subjectAltNameExtension,
  subjectKeyIdentifierExtension,
} from '../../identity/x509/index.ts';
import {
  certIdHash,
  generatePrivateKey,
  type PrivateKey,
  randomBytes,
  sha256,
  sha256Hex,
} from '../../runtime/cryptography/index.ts';
import type { Credential } from '../../runtime/tls/index.ts';

export interface TestAuthorityOptions {
  /** Default test.internal. */
  readonly trustDomain?: string;
  readonly clock?: Clock;
  readonly keyType?: KeyType;
  /** The keys of an authority that exists, so that a test can sign what that one would not. */
  readonly keys?: TestAuthorityKeys;
}

export interface TestAuthorityKeys {
  readonly root: Certificate;
  readonly rootKey: PrivateKey;
  readonly issuer: Certificate;
  readonly issuerKey: PrivateKey;
}

export interface TestCertificate {
  readonly names?: Partial<GeneralNames>;
  /** GeneralNames as one wants them, right or wrong, in the place of `names`: the elements one after the other, DER. */
  readonly rawNames?: Uint8Array;
  readonly commonName?: string;
  /** Name, DER, in the place of `commonName`. */
  readonly subject?: Uint8Array;
  /** From now; default 60 s ago. */
  readonly notBeforeMs?: number;
  /** From now; default in an hour. */
  readonly notAfterMs?: number;
  /** OIDs; default clientAuth and serverAuth. An empty list leaves the extension out. */
  readonly usages?: readonly string[];
  readonly key?: PrivateKey;
  readonly keyType?: KeyType;
  /** After the usual ones: Extension, DER, each. */
  readonly moreExtensions?: readonly Uint8Array[];
  /** Default false. */
  readonly ca?: boolean;
  /** Who signs: default the authority's intermediate; the root signs under `root`, and `self` makes it sign itself. */
  readonly signer?: 'issuer' | 'root' | 'self';
}

export interface TestOcspResponse {
  /** Default good. */
  readonly status?: 'good' | 'revoked' | 'unknown';
  /** From now; default in an hour. */
  readonly nextUpdateMs?: number;
}

const hourMs = 3_600_000;

export class TestAuthority {
  readonly trustDomain: string;
  readonly root: Certificate;
  readonly issuer: Certificate;
  /** Lower-case hex SHA-256 of the root's DER. */
  readonly rootSha256: string;
  readonly #clock: Clock;
  readonly #rootKey: PrivateKey;
  readonly #issuerKey: PrivateKey;
  readonly #keyType: KeyType;

  constructor({
    trustDomain = 'test.internal',
    clock = systemClock,
    keyType = 'P-256',
    keys,
  }: TestAuthorityOptions = {}) {
    this.trustDomain = trustDomain;
    this.#clock = clock;
    this.#keyType = keyType;
    this.#rootKey = keys?.rootKey ?? generatePrivateKey(keyType);
    this.#issuerKey = keys?.issuerKey ?? generatePrivateKey(keyType);
    const rootName = encodeName({ organization: trustDomain, commonName: 'Root' });
    const issuerName = encodeName({ organization: trustDomain, commonName: 'Issuer' });
    this.root =
      keys?.root ?? this.#authorityCertificate({ subject: rootName, subjectKey: this.#rootKey, issuer: rootName });
    this.issuer =
      keys?.issuer ??
      this.#authorityCertificate({ subject: issuerName, subjectKey: this.#issuerKey, issuer: rootName });
    this.rootSha256 = sha256Hex(this.root.raw);
  }

  /** @param sequence default 1 */
  bundle(sequence: number = 1): Bundle {
    return { trustDomain: this.trustDomain, anchors: [this.root], intermediates: [this.issuer], sequence };
  }

  /** This trust domain as the home, with `others` beside it. */
  bundles(...others: readonly TestAuthority[]): BundleSet {
    return new BundleSet(
      this.trustDomain,
      [this, ...others].map((authority) => authority.bundle()),
    );
  }

  /** A credential for `spiffe://<trust domain>/<name>` and the DNS name `<name>.internal`, unless told otherwise. */
  issue(name: string, wanted: TestCertificate = {}): Credential {
    const privateKey = wanted.key ?? generatePrivateKey(wanted.keyType ?? this.#keyType);
    const leaf = this.#leaf(name, wanted, privateKey);
    const above = wanted.signer === undefined || wanted.signer === 'issuer' ? [this.issuer.raw] : [];
    return { chain: [leaf, ...above], privateKey };
  }

  /** What signs this authority's feed. */
  feedSigner(wanted: TestCertificate = {}): FeedSigner {
    const { chain, privateKey } = this.issue('feed', {
      names: {},
      commonName: 'Feed',
      usages: [extendedKeyUsages.feedSigning],
      ...wanted,
    });
    return { certificate: chain[0] ?? new Uint8Array(), sign: (data) => privateKey.sign(data) };
  }

  /** The entry that revokes this certificate, issued by this authority's intermediate. */
  revoked(credential: Credential): RevokedEntry {
    const leaf = parseCertificate(credential.chain[0] ?? new Uint8Array());
    return {
      issuerKey: issuerKeyOf(this.issuer, sha256),
      serialNumber: leaf.serialNumber,
      revokedAt: this.#clock.now(),
      expiresAt: leaf.notAfter,
      reason: 'keyCompromise',
    };
  }

  /** What an OCSP responder of this authority's intermediate says of this certificate, DER: what a server staples. */
  ocspResponse(credential: Credential, { status = 'good', nextUpdateMs = hourMs }: TestOcspResponse = {}): Uint8Array {
    const now = this.#clock.now();
    const serialNumber = fromHex(parseCertificate(credential.chain[0] ?? new Uint8Array()).serialNumber);
    const certId = encodeCertId(this.issuer, serialNumber ?? new Uint8Array(), 'SHA-1', (octets) =>
      certIdHash('SHA-1', octets),
    );
    const certStatus =
      status === 'revoked' ? ({ status, revocationTime: now - hourMs } as const) : ({ status } as const);
    const times = { thisUpdate: now - hourMs, nextUpdate: now + nextUpdateMs };
    const data = encodeResponseData({
      responderId: { name: this.issuer.subject.raw },
      producedAt: now - hourMs,
      responses: [{ certId, certStatus, ...times }],
    });
    return encodeOcspResponse(data, this.#issuerKey.signatureAlgorithm, this.#issuerKey.sign(data));
  }

  #authorityCertificate(names: { subject: Uint8Array; subjectKey: PrivateKey; issuer: Uint8Array }): Certificate {
    const { subject, subjectKey, issuer } = names;
    const now = this.#clock.now();
    const tbs = encodeTbsCertificate({
      serialNumber: randomBytes(16).with(0, 1),
      signatureAlgorithm: this.#rootKey.signatureAlgorithm,
      issuer,
      subject,
      notBefore: now - hourMs,
      notAfter: now + 1000 * hourMs,
      publicKey: subjectKey.publicKey.raw,
      extensions: [
        basicConstraintsExtension({ ca: true }),
        keyUsageExtension(['keyCertSign', 'cRLSign']),
        subjectKeyIdentifierExtension(keyIdentifier(subjectKey.publicKey.raw, sha256)),
        authorityKeyIdentifierExtension(keyIdentifier(this.#rootKey.publicKey.raw, sha256)),
      ],
    });
    return parseCertificate(encodeSigned(tbs, this.#rootKey.signatureAlgorithm, this.#rootKey.sign(tbs)));
  }

  #leaf(name: string, wanted: TestCertificate, key: PrivateKey): Uint8Array {
    const { notBeforeMs = -60_000, notAfterMs = hourMs, commonName, ca = false, signer = 'issuer' } = wanted;
    const usages = wanted.usages ?? [extendedKeyUsages.clientAuth, extendedKeyUsages.serverAuth];
    const names = wanted.names ?? { uri: [`spiffe://${this.trustDomain}/${name}`], dns: [`${name}.internal`] };
    const subject = wanted.subject ?? encodeName(commonName === undefined ? {} : { commonName });
    const [signingKey, issuer] = {
      issuer: [this.#issuerKey, this.issuer.subject.raw] as const,
      root: [this.#rootKey, this.root.subject.raw] as const,
      self: [key, subject] as const,
    }[signer];
    const now = this.#clock.now();
    const tbs = encodeTbsCertificate({
      serialNumber: randomBytes(16).with(0, 1),
      signatureAlgorithm: signingKey.signatureAlgorithm,
      issuer,
      subject,
      notBefore: now + notBeforeMs,
      notAfter: now + notAfterMs,
      publicKey: key.publicKey.raw,
      extensions: [
        basicConstraintsExtension({ ca }),
        keyUsageExtension(ca ? ['keyCertSign'] : ['digitalSignature']),
        ...(usages.length === 0
          ? []
          : [extendedKeyUsageExtension(usages, usages.includes(extendedKeyUsages.feedSigning))]),
        ...namesExtension(wanted.rawNames, names, commonName === undefined && wanted.subject === undefined),
        subjectKeyIdentifierExtension(keyIdentifier(key.publicKey.raw, sha256)),
        authorityKeyIdentifierExtension(keyIdentifier(signingKey.publicKey.raw, sha256)),
        ...(wanted.moreExtensions ?? []),
      ],
    });
    return encodeSigned(tbs, signingKey.signatureAlgorithm, signingKey.sign(tbs));
  }
}

function namesExtension(raw: Uint8Array | undefined, names: Partial<GeneralNames>, critical: boolean): Uint8Array[] {
  if (raw !== undefined) {
    const isCritical = critical ? Uint8Array.of(1, 1, 0xff) : new Uint8Array();
    return [encodeSequence(encodeOid('2.5.29.17'), isCritical, encodeOctetString(encodeSequence(raw)))];
  }
  const any = [names.dns, names.uri, names.ip, names.email].some((list) => (list ?? []).length > 0);
  return any ? [subjectAltNameExtension(names, critical)] : [];
}

/** One GeneralName with any bytes in it: for names that no right-minded encoder writes. @param tag such as 0x82 for dNSName */
export function rawGeneralName(tag: number, contents: string | Uint8Array): Uint8Array {
  return encodeElement(
    tag,
    typeof contents === 'string' ? Uint8Array.from(contents, (letter) => letter.charCodeAt(0)) : contents,
  );
}

/** Several of them, as `rawNames` takes them. */
export function rawGeneralNames(...names: readonly Uint8Array[]): Uint8Array {
  return concatBytes(names);
}
