/** What an extension says, in words for people, a line each. */
import type { ExtensionData } from './describe-extensions.ts';
import { type Plain, plainWords } from './plain-words.ts';

/** @param whole whether octets are shown whole */
export function extensionWords({ name = '', value, decoded, malformed }: ExtensionData, whole: boolean): string[] {
  const octets = whole || value.length <= 128 ? value : `${value.slice(0, 96)}... (${value.length / 2} octets)`;
  if (malformed !== undefined) return [`broken: ${malformed}`, octets];
  if (name === '') return [`not known here: ${octets}`];
  const words =
    special.get(name)?.(decoded as never, whole) ?? (decoded === null ? [octets] : plainWords(decoded as Plain));
  return words.length === 0 ? ['empty'] : words;
}

type Words<Decoded> = (decoded: Decoded, whole: boolean) => string[];

interface Names {
  readonly [kind: string]: readonly unknown[];
}

interface Named {
  readonly name?: string;
  readonly oid: string;
}

function say<Decoded>(words: Words<Decoded>): Words<never> {
  return words;
}

const nameOf = ({ name, oid }: Named): string => name ?? oid;

const kindWords: Readonly<Record<string, string>> = {
  dns: '',
  uri: '',
  ip: 'address ',
  email: 'mailbox ',
  directory: 'directory ',
  registeredId: 'registered ID ',
  x400: 'X.400 address ',
  ediParty: 'EDI party ',
};

export function nameWords(names: Names): string[] {
  return Object.entries(names).flatMap(([kind, list]) =>
    list.map((one) => {
      if (kind !== 'otherName') return `${kindWords[kind] ?? `${kind} `}${String(one)}`;
      const { type, value, text } = one as { type: string; value: string; text?: string };
      return `other name ${type}: ${text ?? value}`;
    }),
  );
}

interface DistributionPoint {
  readonly fullName?: Names;
  readonly nameRelativeToCRLIssuer?: string;
  readonly reasons?: readonly string[];
  readonly cRLIssuer?: Names;
}

const points = say((list: readonly DistributionPoint[]) =>
  list.map(({ fullName, nameRelativeToCRLIssuer, reasons, cRLIssuer }) =>
    [
      ...(fullName === undefined ? [] : nameWords(fullName)),
      ...(nameRelativeToCRLIssuer === undefined ? [] : [`${nameRelativeToCRLIssuer}, below its issuer's name`]),
      ...(reasons === undefined ? [] : [`for ${reasons.join(', ')}`]),
      ...(cRLIssuer === undefined ? [] : [`issued by ${nameWords(cRLIssuer).join(', ')}`]),
    ].join('; '),
  ),
);

const access = say((list: readonly { method: Named; location: Names }[]) =>
  list.map(
    ({ method, location }) => `${accessWords[method.name ?? ''] ?? nameOf(method)} ${nameWords(location).join(', ')}`,
  ),
);

const accessWords: Readonly<Record<string, string>> = {
  ocsp: 'OCSP at',
  caIssuers: "its issuer's certificate at",
  caRepository: 'what it issued at',
  timeStamping: 'time stamps at',
};

interface Qualifier {
  readonly type: string;
  readonly [field: string]: unknown;
}

const policies = say((list: readonly { policy: string; qualifiers?: readonly Qualifier[] }[]) =>
  list.flatMap(({ policy, qualifiers = [] }) => [
    policyName(policy),
    ...qualifiers.map(({ type, ...fields }) =>
      type === 'cps'
        ? `practice statement ${String(fields['uri'])}`
        : `${type === 'userNotice' ? 'notice' : type}: ${plainWords(fields as Plain).join('; ')}`,
    ),
  ]),
);

function policyName(oid: string): string {
  const name = policyNames.get(oid);
  return name === undefined ? oid : `${name} (${oid})`;
}

/** CA/Browser Forum, 7.1.6.1 of the Baseline Requirements; RFC 5280, 4.2.1.4. */
const policyNames: ReadonlyMap<string, string> = new Map([
  ['2.5.29.32.0', 'any policy'],
  ['2.23.140.1.2.1', 'domain validated'],
  ['2.23.140.1.2.2', 'organization validated'],
  ['2.23.140.1.2.3', 'individual validated'],
  ['2.23.140.1.1', 'extended validation'],
]);

interface Timestamp {
  readonly logId?: string;
  readonly timestamp?: string;
  readonly signature?: string;
}

const special: ReadonlyMap<string, Words<never>> = new Map<string, Words<never>>([
  [
    'basicConstraints',
    say(({ ca, pathLength }: { ca: boolean; pathLength?: number }) => {
      if (!ca) return ['not an authority'];
      if (pathLength === undefined) return ['an authority'];
      return [
        pathLength === 0 ? 'an authority of end-entities alone' : `an authority with at most ${pathLength} below it`,
      ];
    }),
  ],
  ['keyUsage', say((usages: readonly string[]) => [usages.map((one) => keyUsageWords[one] ?? one).join(', ')])],
  [
    'extendedKeyUsage',
    say((purposes: readonly Named[]) => [purposes.map((one) => purposeWords(nameOf(one))).join(', ')]),
  ],
  ['subjectAltName', say(nameWords)],
  ['issuerAltName', say(nameWords)],
  ['subjectKeyIdentifier', say((id: string) => [id])],
  [
    'authorityKeyIdentifier',
    say(
      ({ keyIdentifier, issuer, serialNumber }: { keyIdentifier?: string; issuer?: Names; serialNumber?: string }) => [
        ...(keyIdentifier === undefined ? [] : [keyIdentifier]),
        ...(issuer === undefined
          ? []
          : [
              `the certificate ${serialNumber ?? ''} of ${nameWords(issuer)
                .join(', ')
                .replace(/^directory /, '')}`,
            ]),
      ],
    ),
  ],
  ['crlDistributionPoints', points],
  ['freshestCRL', points],
  ['authorityInfoAccess', access],
  ['subjectInfoAccess', access],
  ['certificatePolicies', policies],
  [
    'policyMappings',
    say((list: readonly { issuerDomainPolicy: string; subjectDomainPolicy: string }[]) =>
      list.map((one) => `${one.subjectDomainPolicy} counts as ${one.issuerDomainPolicy}`),
    ),
  ],
  [
    'policyConstraints',
    say((one: { requireExplicitPolicy?: number; inhibitPolicyMapping?: number }) => [
      ...(one.requireExplicitPolicy === undefined
        ? []
        : [`a policy is required after ${below(one.requireExplicitPolicy)}`]),
      ...(one.inhibitPolicyMapping === undefined
        ? []
        : [`policies are not mapped after ${below(one.inhibitPolicyMapping)}`]),
    ]),
  ],
  ['inhibitAnyPolicy', say((count: number) => [`"any policy" does not count after ${below(count)}`])],
  [
    'nameConstraints',
    say(({ permitted, excluded }: { permitted: Names; excluded: Names }) => [
      ...nameWords(permitted).map((one) => `only ${one}`),
      ...nameWords(excluded).map((one) => `never ${one}`),
    ]),
  ],
  ['noRevAvail', say(() => ['its revocation is published nowhere'])],
  ['ocspNoCheck', say(() => ['an OCSP responder whose own revocation is not asked for'])],
  ['precertificatePoison', say(() => ['a precertificate, not to be used'])],
  [
    'tlsFeature',
    say((list: readonly { name?: string; number: number }[]) =>
      list.map(({ name, number }) =>
        number === 5 ? 'OCSP must be stapled' : `TLS extension ${name ?? number} must be there`,
      ),
    ),
  ],
  [
    'signedCertificateTimestamps',
    say((list: readonly Timestamp[], whole) =>
      list.map(({ logId, timestamp, signature }) => {
        if (timestamp === undefined) return 'a log entry of a version not known here';
        const log = whole ? `${logId ?? ''}, signature ${signature ?? ''}` : (logId ?? '').slice(0, 16);
        return `logged ${timestamp} in ${log}`;
      }),
    ),
  ],
]);

function below(count: number): string {
  return count === 0 ? 'this certificate' : `${count} more certificate${count === 1 ? '' : 's'}`;
}

const keyUsageWords: Readonly<Record<string, string>> = {
  digitalSignature: 'sign handshakes and data (digitalSignature)',
  contentCommitment: 'sign with commitment (contentCommitment)',
  keyEncipherment: 'encrypt keys (keyEncipherment)',
  dataEncipherment: 'encrypt data (dataEncipherment)',
  keyAgreement: 'agree on keys (keyAgreement)',
  keyCertSign: 'sign certificates (keyCertSign)',
  cRLSign: 'sign revocation lists (cRLSign)',
};

const purposesInWords: Readonly<Record<string, string>> = {
  serverAuth: 'TLS server',
  clientAuth: 'TLS client',
  codeSigning: 'signing code',
  emailProtection: 'e-mail',
  timeStamping: 'time stamps',
  OCSPSigning: 'OCSP answers',
  anyExtendedKeyUsage: 'any purpose',
  feedSigning: 'signing the revocation feed of Countersign',
};

/** "TLS server (serverAuth)"; an identifier that nobody here knows as it is. */
export function purposeWords(purpose: string): string {
  const words = purposesInWords[purpose];
  return words === undefined ? purpose : `${words} (${purpose})`;
}
