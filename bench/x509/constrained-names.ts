/** An issuer that permits n and excludes n subtrees, and an end-entity with n names, each in a permitted subtree of its own. */
import {
  authorityExtensions,
  makeIssuer,
  makeRoot,
  makeService,
  testMoment,
} from '../../tests/fixtures/certificates.ts';
import {
  type Certificate,
  encodeName,
  type GeneralNames,
  type NameConstraints,
  nameConstraintsExtension,
  noNames,
  parseCertificate,
  type Subtrees,
  type WritableNames,
  type WritableSubtrees,
} from 'countersign/x509';

export type Kinds = 'dns' | 'mixed';

export interface ConstrainedPath {
  readonly leaf: Certificate;
  readonly issuer: Certificate;
  readonly root: Certificate;
  readonly at: number;
}

/** A parser takes 100 KiB: as many names and subtrees as stay below that in one certificate, whatever their kinds. */
export const mostInOneCertificate = 1000;

/** One without constraints, read anew each time: what the path costs by itself. */
export function unconstrainedPath(): () => ConstrainedPath {
  const root = makeRoot();
  const issuer = makeIssuer(root);
  const leaf = makeService(issuer, { names: { dns: ['web.d0.in'] } });
  return () => ({
    leaf: parseCertificate(leaf.certificate.raw),
    issuer: parseCertificate(issuer.certificate.raw),
    root: root.certificate,
    at: testMoment,
  });
}

/**
 * Answers a function that reads the path from DER, anew each time: no set, no key and no text of it has been used before.
 * More than fits into one certificate is read from several, and their contents put into one.
 */
export function constrainedPath(size: number, kinds: Kinds): () => ConstrainedPath {
  const root = makeRoot();
  const parts = Array.from({ length: Math.ceil(size / mostInOneCertificate) }, (_, part) => {
    const start = part * mostInOneCertificate;
    const numbers = Array.from({ length: Math.min(mostInOneCertificate, size - start) }, (_, index) => start + index);
    const constraints = nameConstraintsExtension(constraintsOf(numbers, kinds));
    const issuer = makeIssuer(root, { extensions: [...authorityExtensions(), constraints] });
    const leaf = makeService(issuer, { names: namesOf(numbers, kinds) as Partial<GeneralNames> });
    return { leaf: leaf.certificate.raw, issuer: issuer.certificate.raw };
  });
  return () => {
    const leaves = parts.map(({ leaf }) => parseCertificate(leaf));
    const issuers = parts.map(({ issuer }) => parseCertificate(issuer));
    const [leaf, issuer] = [leaves[0], issuers[0]];
    if (leaf === undefined || issuer === undefined) throw new TypeError('a size above zero is needed');
    return {
      leaf: { ...leaf, subjectAltName: joined(leaves.map(({ subjectAltName }) => subjectAltName)) },
      issuer: { ...issuer, nameConstraints: joinedConstraints(issuers) },
      root: root.certificate,
      at: testMoment,
    };
  };
}

function joinedConstraints(issuers: readonly Certificate[]): NameConstraints {
  const all = issuers.flatMap(({ nameConstraints }) => nameConstraints ?? []);
  return {
    permitted: joined<Subtrees>(all.map(({ permitted }) => permitted)),
    excluded: joined<Subtrees>(all.map(({ excluded }) => excluded)),
  };
}

/** Several of the same lists, list by list. */
function joined<Lists extends object>(all: readonly Lists[]): Lists {
  const [first] = all;
  if (first === undefined || all.length === 1) return first ?? (noNames as Lists);
  const kinds = Object.keys(first) as (keyof Lists)[];
  return Object.fromEntries(kinds.map((kind) => [kind, all.flatMap((one) => one[kind] as unknown[])])) as Lists;
}

/** The kinds that a mixed size is made of, the first alone for "dns". */
const mixture = ['dns', 'uri', 'ip', 'email', 'directory'] as const;

type Kind = (typeof mixture)[number];

function kindOf(number: number, kinds: Kinds): Kind {
  return kinds === 'dns' ? 'dns' : (mixture[number % mixture.length] ?? 'dns');
}

function constraintsOf(
  numbers: readonly number[],
  kinds: Kinds,
): { readonly permitted: WritableSubtrees; readonly excluded: WritableSubtrees } {
  const list = (kind: Kind): number[] => numbers.filter((number) => kindOf(number, kinds) === kind);
  const subtrees = (place: string, network: number): WritableSubtrees => ({
    dns: list('dns').map((number) => `d${number}.${place}`),
    uri: list('uri').map((number) => `.u${number}.${place}`),
    ip: list('ip').map((number) => `${network}.${number >> 8}.${number & 255}.0/24`),
    email: list('email').map((number) => `m${number}.${place}`),
    directory: list('directory').map((number) => ({ raw: encodeName({ organization: `${place} ${number}` }) })),
  });
  return { permitted: subtrees('in', 10), excluded: subtrees('out', 11) };
}

function namesOf(numbers: readonly number[], kinds: Kinds): WritableNames {
  const list = (kind: Kind): number[] => numbers.filter((number) => kindOf(number, kinds) === kind);
  return {
    dns: list('dns').map((number) => `web.d${number}.in`),
    uri: list('uri').map((number) => `spiffe://web.u${number}.in/web`),
    ip: list('ip').map((number) => `10.${number >> 8}.${number & 255}.7`),
    email: list('email').map((number) => `web@m${number}.in`),
    directory: list('directory').map((number) => ({
      raw: encodeName({ organization: `in ${number}`, commonName: 'web' }),
    })),
  };
}
