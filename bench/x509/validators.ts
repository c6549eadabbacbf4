/**
 * Who validates a path of three certificates: `cold` from DER, with nothing known before; `warm` makes ready what is known of issuer
 * and root, and is then given the end-entity's DER alone.
 */
import {
  createPublicKey,
  type KeyObject,
  verify,
  X509Certificate as NodeCertificate,
  type VerifyKeyObjectInput,
} from 'node:crypto';
import 'reflect-metadata';
import { X509Certificate as PeculiarCertificate, X509ChainBuilder } from '@peculiar/x509';
import { Certificate as PkijsCertificate, CertificateChainValidationEngine } from 'pkijs';
import { verifySignature } from 'countersign/cryptography';
import { type Certificate, parseCertificate, validatePath } from 'countersign/x509';
import type { Subject } from '../frame/scenario.ts';
import { type Hierarchy, makeHierarchy } from './hierarchy.ts';

export interface Validator {
  readonly name: string;
  readonly cold: (hierarchy: Hierarchy) => Promise<boolean>;
  readonly warm: (hierarchy: Hierarchy) => (leaf: Uint8Array) => Promise<boolean>;
}

export const validators: readonly Validator[] = [
  {
    name: 'countersign',
    cold: async ({ leaf, issuer, root, at }) => validate(leaf, parseCertificate(issuer), parseCertificate(root), at),
    warm: ({ issuer, root, at }) => {
      const known = [parseCertificate(issuer), parseCertificate(root)] as const;
      return async (leaf) => validate(leaf, ...known, at);
    },
  },
  {
    name: 'node:crypto',
    cold: async ({ leaf, issuer, root, at }) => {
      const [above, anchor] = [new NodeCertificate(issuer), new NodeCertificate(root)];
      return (
        issuedBy(new NodeCertificate(leaf), above, above.publicKey, at) && issuedBy(above, anchor, anchor.publicKey, at)
      );
    },
    warm: ({ issuer, at }) => {
      const above = new NodeCertificate(issuer);
      const { publicKey } = above;
      return async (leaf) => issuedBy(new NodeCertificate(leaf), above, publicKey, at);
    },
  },
  {
    name: '@peculiar/x509',
    cold: async ({ leaf, issuer, root }) => buildsChain(leaf, [peculiar(issuer), peculiar(root)]),
    warm: ({ issuer, root }) => {
      const known = [peculiar(issuer), peculiar(root)];
      return async (leaf) => buildsChain(leaf, known);
    },
  },
  {
    name: 'pkijs',
    cold: async ({ leaf, issuer, root, at }) => engineAccepts(leaf, pkijs(issuer), pkijs(root), at),
    warm: ({ issuer, root, at }) => {
      const known = [pkijs(issuer), pkijs(root)] as const;
      return async (leaf) => engineAccepts(leaf, ...known, at);
    },
  },
  {
    name: 'floor',
    cold: async (hierarchy) => {
      const { issuerKey, rootKey, signedLeaf, signedIssuer } = floorOf(hierarchy);
      return isSigned(signedLeaf, encoded(issuerKey)) && isSigned(signedIssuer, encoded(rootKey));
    },
    warm: (hierarchy) => {
      const { issuerKey, signedLeaf } = floorOf(hierarchy);
      const key = loaded(issuerKey);
      return async () => isSigned(signedLeaf, key);
    },
  },
];

/** What each does beyond signatures, or not. */
export const validatorNotes: readonly string[] = [
  'countersign and pkijs validate as RFC 5280 section 6 says; node:crypto compares names and times and verifies signatures; @peculiar/x509 builds the chain, without times, and verifies the signature of the root as well',
  'the bare signature verifications from the bytes of the keys are called floor',
];

export function validating(kind: 'cold' | 'warm'): Subject[] {
  return validators.map((validator) => ({
    name: validator.name,
    start: async () => {
      const hierarchy = await makeHierarchy();
      const known = validator.warm(hierarchy);
      const run = kind === 'cold' ? () => validator.cold(hierarchy) : () => known(hierarchy.leaf);
      return {
        operation: async () => {
          if (!(await run())) throw new Error(`${validator.name} does not accept the path`);
        },
        close: async () => undefined,
      };
    },
  }));
}

function validate(leaf: Uint8Array, issuer: Certificate, root: Certificate, at: number): boolean {
  const { certificates } = validatePath({
    leaf: parseCertificate(leaf),
    intermediates: [issuer],
    anchors: [root],
    at,
    purpose: 'client',
    verifySignature,
  });
  return certificates.length === 3;
}

function issuedBy(certificate: NodeCertificate, issuer: NodeCertificate, key: KeyObject, at: number): boolean {
  return (
    certificate.validFromDate.getTime() <= at &&
    at <= certificate.validToDate.getTime() &&
    certificate.checkIssued(issuer) &&
    certificate.verify(key)
  );
}

function peculiar(der: Uint8Array): PeculiarCertificate {
  return new PeculiarCertificate(der);
}

async function buildsChain(leaf: Uint8Array, certificates: PeculiarCertificate[]): Promise<boolean> {
  return (await new X509ChainBuilder({ certificates }).build(peculiar(leaf))).length === 3;
}

export function pkijs(der: Uint8Array): PkijsCertificate {
  return PkijsCertificate.fromBER(der);
}

export async function engineAccepts(
  leaf: Uint8Array,
  issuer: PkijsCertificate,
  root: PkijsCertificate,
  at: number,
): Promise<boolean> {
  const engine = new CertificateChainValidationEngine({
    trustedCerts: [root],
    certs: [issuer, pkijs(leaf)],
    checkDate: new Date(at),
  });
  const { result, resultMessage } = await engine.verify();
  if (!result) throw new Error(`pkijs: ${resultMessage}`);
  return result;
}

interface Signed {
  readonly tbs: Uint8Array;
  readonly signature: Uint8Array;
}

interface Floor {
  /** SubjectPublicKeyInfo, DER, as is `rootKey`. */
  readonly issuerKey: Uint8Array;
  readonly rootKey: Uint8Array;
  readonly signedLeaf: Signed;
  readonly signedIssuer: Signed;
}

const floors = new WeakMap<Hierarchy, Floor>();

/** Where the bytes lie, found once: not part of the floor. */
function floorOf(hierarchy: Hierarchy): Floor {
  const known = floors.get(hierarchy);
  if (known !== undefined) return known;
  const [leaf, issuer, root] = [hierarchy.leaf, hierarchy.issuer, hierarchy.root].map((der) => parseCertificate(der));
  if (leaf === undefined || issuer === undefined || root === undefined) throw new TypeError('three certificates');
  const [issuerKey, rootKey] = [issuer.publicKey.raw, root.publicKey.raw];
  const made = { issuerKey, rootKey, signedLeaf: leaf, signedIssuer: issuer };
  floors.set(hierarchy, made);
  return made;
}

function loaded(key: Uint8Array): KeyObject {
  return createPublicKey({ key: key as Buffer, format: 'der', type: 'spki' });
}

/** For one verification the bytes are cheaper than an object made of them. */
function encoded(key: Uint8Array): VerifyKeyObjectInput {
  return { key: key as Buffer, format: 'der', type: 'spki' } as unknown as VerifyKeyObjectInput;
}

function isSigned({ tbs, signature }: Signed, key: KeyObject | VerifyKeyObjectInput): boolean {
  return verify('sha256', tbs, key, signature);
}
