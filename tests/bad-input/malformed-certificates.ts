/** Certificates and chains that no right-minded authority makes: what parsers, validators and whoever counts names have stumbled over. */
import {
  concatBytes,
  encodeElement,
  encodeOctetString,
  encodeOid,
  encodeSequence,
} from '../../packages/countersign/src/ground/encoding/index.ts';
import {
  basicConstraintsExtension,
  encodeName,
  encodeSigned,
  encodeTbsCertificate,
  extendedKeyUsageExtension,
  extendedKeyUsages,
  keyUsageExtension,
  nameConstraintsExtension,
  subjectAltNameExtension,
} from '../../packages/countersign/src/identity/x509/index.ts';
import {
  generatePrivateKey,
  type PrivateKey,
  randomBytes,
} from '../../packages/countersign/src/runtime/cryptography/index.ts';
import { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { anyExtension, hourMs, makeIssuer, makeRoot } from '../fixtures/certificates.ts';
import { pemOf, type Presented } from '../bypass/presented.ts';

/** An authority whose issuer's key is at hand. */
export interface TalkedInto {
  readonly authority: TestAuthority;
  /** What it was talked into, or what somebody sends in its name, always for `web`. */
  readonly malformed: readonly Malformed[];
}

export interface Malformed extends Presented {
  readonly what: string;
  readonly chain: readonly Uint8Array[];
  /** The code by which a server refuses it; 'admitted' for what is strange and right: its names are those of `web`, and are all that is read. */
  readonly outcome: string;
}

interface Wanted {
  readonly extensions?: readonly Uint8Array[];
  readonly issuer?: Uint8Array;
  readonly signer?: PrivateKey;
  readonly subject?: Uint8Array;
  readonly key?: PrivateKey;
}

/** Where that is another one than "certificate not acceptable". */
const outcomes: Readonly<Record<string, string>> = {
  'an extension 5,000 deep': 'admitted',
  'extended key usage without a usage': 'CS-PEER-012',
  'extended key usage twice': 'CS-PEER-002',
  '1,000 extensions': 'admitted',
  'a subject of 20,000 attributes': 'CS-TLS-001',
  'the same certificate 50 times': 'admitted',
  'a chain of 100 certificates': 'admitted',
  'a chain of more than 100 KB': 'CS-TLS-001',
  'issuers that certify each other': 'CS-PEER-002',
  '700 names against 700 constraints': 'admitted',
};

const validFrom = -hourMs;

export function talkedInto(): TalkedInto {
  const now = Date.now();
  const recipe = { notBefore: now + validFrom, notAfter: now + hourMs };
  const root = makeRoot(recipe);
  const intermediate = makeIssuer(root, recipe);
  const authority = new TestAuthority({
    keys: {
      root: root.certificate,
      rootKey: root.key,
      issuer: intermediate.certificate,
      issuerKey: intermediate.key,
    },
  });
  const key = generatePrivateKey('P-256');
  const above = intermediate.certificate;
  const certificate = (wanted: Wanted): Uint8Array => {
    const signer = wanted.signer ?? intermediate.key;
    const tbs = encodeTbsCertificate({
      serialNumber: randomBytes(16).with(0, 1),
      signatureAlgorithm: signer.signatureAlgorithm,
      issuer: wanted.issuer ?? above.subject.raw,
      subject: wanted.subject ?? encodeName({}),
      ...recipe,
      publicKey: (wanted.key ?? key).publicKey.raw,
      extensions: wanted.extensions ?? [...usages, names],
    });
    return encodeSigned(tbs, signer.signatureAlgorithm, signer.sign(tbs));
  };
  const id = `spiffe://${authority.trustDomain}/web`;
  const names = subjectAltNameExtension({ uri: [id] }, true);
  const usages = [
    basicConstraintsExtension({ ca: false }),
    keyUsageExtension(['digitalSignature']),
    extendedKeyUsageExtension([extendedKeyUsages.clientAuth, extendedKeyUsages.serverAuth]),
  ];
  const [, keyUsage] = usages as [Uint8Array, Uint8Array, Uint8Array];
  const right = certificate({});
  const filler = Array.from({ length: 100 }, (_, place) =>
    certificate({ subject: encodeName({ commonName: `filler ${place}` }), extensions: [] }),
  );
  const chains: Record<string, readonly Uint8Array[]> = {
    'no DER at all': [randomBytes(600)],
    'a certificate that ends in its middle': [right.slice(0, right.length / 2)],
    'octets behind the certificate': [concatBytes([right, Uint8Array.of(1, 2, 3)])],
    'a SEQUENCE that says it is 4 GB': [concatBytes([Uint8Array.of(0x30, 0x84, 0xff, 0xff, 0xff, 0xff), right])],
    'an indefinite length': [Uint8Array.of(0x30, 0x80, ...right, 0, 0)],
    'SEQUENCEs 10,000 deep': [nested(10_000)],
    'an extension 5,000 deep': [certificate({ extensions: [...usages, otherName(nested(5_000)), names] })],
    'extended key usage without a usage': [
      certificate({
        extensions: [
          keyUsage,
          anyExtension(encodeOid('2.5.29.37'), new Uint8Array(), encodeOctetString(encodeSequence())),
          names,
        ],
      }),
    ],
    'extended key usage twice': [certificate({ extensions: [...usages, ...usages.slice(2), names] })],
    'no names in the names': [
      certificate({
        extensions: [
          ...usages,
          anyExtension(encodeOid('2.5.29.17'), new Uint8Array(), encodeOctetString(encodeSequence())),
        ],
      }),
    ],
    '2,000 names': [
      certificate({
        extensions: [
          ...usages,
          subjectAltNameExtension(
            { uri: [id], dns: Array.from({ length: 2_000 }, (_, n) => `n${n}.web.internal`) },
            true,
          ),
        ],
      }),
    ],
    '1,000 extensions': [
      certificate({
        extensions: [
          ...usages,
          names,
          ...Array.from({ length: 1_000 }, (_, n) =>
            anyExtension(encodeOid(`1.3.6.1.4.1.99999.${n}`), new Uint8Array(), encodeOctetString(encodeSequence())),
          ),
        ],
      }),
    ],
    'a subject of 20,000 attributes': [certificate({ subject: longSubject(20_000) })],
    'the same certificate 50 times': Array.from({ length: 50 }, () => right),
    'a chain of 100 certificates': [right, ...filler],
    'a chain of more than 100 KB': [
      right,
      ...Array.from({ length: 8 }, () =>
        certificate({
          extensions: [
            anyExtension(encodeOid('1.3.6.1.4.1.99999.1'), new Uint8Array(), encodeOctetString(new Uint8Array(15_000))),
          ],
        }),
      ),
    ],
    'issuers that certify each other': crossed({ certificate, right, above: above.subject.raw }),
    '700 names against 700 constraints': constrained({
      certificate,
      key,
      root: root.certificate.subject.raw,
      rootKey: root.key,
      id,
    }),
  };
  const pem = key.toPem();
  return {
    authority,
    malformed: Object.entries(chains).map(([what, chain]) => {
      return { what, chain, outcome: outcomes[what] ?? 'CS-PEER-006', cert: pemOf(chain), key: pem };
    }),
  };
}

function nested(depth: number): Uint8Array {
  const [lengths, parts] = [[] as number[], [] as Uint8Array[]];
  let length = 0;
  for (let level = 0; level < depth; level++) {
    lengths.push(length);
    length += length < 128 ? 2 : length < 256 ? 3 : length < 65_536 ? 4 : 5;
  }
  for (const inner of lengths.toReversed())
    parts.push(encodeElement(0x30, new Uint8Array(inner)).slice(0, -inner || undefined));
  return concatBytes(parts);
}

/** A GeneralName of a kind that nobody knows, with anything in it. */
function otherName(value: Uint8Array): Uint8Array {
  return anyExtension(encodeOid('1.3.6.1.4.1.99999.2'), new Uint8Array(), encodeOctetString(value));
}

function longSubject(attributes: number): Uint8Array {
  const attribute = encodeElement(
    0x31,
    encodeSequence(encodeOid('2.5.4.11'), encodeElement(0x0c, Uint8Array.of(0x78))),
  );
  return encodeSequence(...Array.from({ length: attributes }, () => attribute));
}

type Make = (wanted: Wanted) => Uint8Array;

/** Eight issuers of two names, each of which could be the issuer of all the others: paths without number for who tries all. */
function crossed({
  certificate,
  right,
}: {
  certificate: Make;
  right: Uint8Array;
  above: Uint8Array;
}): readonly Uint8Array[] {
  const [one, other] = [encodeName({ commonName: 'one' }), encodeName({ commonName: 'other' })];
  const signer = generatePrivateKey('P-256');
  const extensions = [basicConstraintsExtension({ ca: true }), keyUsageExtension(['keyCertSign'])];
  const issuers = Array.from({ length: 40 }, (_, place) => {
    const [subject, issuer] = place % 2 === 0 ? [one, other] : [other, one];
    return certificate({ subject, issuer, signer, key: signer, extensions });
  });
  return [certificate({ issuer: one, signer }), ...issuers, right];
}

interface Constrained {
  readonly certificate: Make;
  readonly key: PrivateKey;
  readonly root: Uint8Array;
  readonly rootKey: PrivateKey;
  readonly id: string;
}

function constrained({ certificate, root, rootKey, id }: Constrained): readonly Uint8Array[] {
  const subject = encodeName({ commonName: 'constrained' });
  const signer = generatePrivateKey('P-256');
  const names = (domain: string): string[] => Array.from({ length: 700 }, (_, n) => `n${n}.${domain}`);
  const issuer = certificate({
    subject,
    issuer: root,
    signer: rootKey,
    key: signer,
    extensions: [
      basicConstraintsExtension({ ca: true }),
      keyUsageExtension(['keyCertSign']),
      nameConstraintsExtension({ excluded: { dns: names('elsewhere.test') } }),
    ],
  });
  const leaf = certificate({
    issuer: subject,
    signer,
    extensions: [
      keyUsageExtension(['digitalSignature']),
      extendedKeyUsageExtension([extendedKeyUsages.clientAuth, extendedKeyUsages.serverAuth]),
      subjectAltNameExtension({ uri: [id], dns: names('web.internal') }, true),
    ],
  });
  return [leaf, issuer];
}
