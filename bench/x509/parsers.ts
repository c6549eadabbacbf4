/** Who parses a certificate, and reads what anybody reads of one: subject, alternative names, validity, public key. */
import { X509Certificate as NodeCertificate } from 'node:crypto';
import 'reflect-metadata';
import { SubjectAlternativeNameExtension, X509Certificate as PeculiarCertificate } from '@peculiar/x509';
import { AltName, Certificate as PkijsCertificate } from 'pkijs';
import { parseCertificate } from 'countersign/x509';
import type { Goal, Subject } from '../frame/scenario.ts';

/** What was read, for the reading not to be optimized away, and for a test to see that something was. */
export interface ReadFields {
  readonly subject: unknown;
  readonly names: unknown;
  readonly notBefore: unknown;
  readonly notAfter: unknown;
  readonly publicKey: unknown;
}

export const parsers: Readonly<Record<string, (der: Uint8Array) => ReadFields>> = {
  countersign: (der) => {
    const { subject, subjectAltName, notBefore, notAfter, publicKey } = parseCertificate(der);
    return { subject: subject.text, names: subjectAltName, notBefore, notAfter, publicKey };
  },
  'node:crypto': (der) => {
    const { subject, subjectAltName, validFromDate, validToDate, publicKey } = new NodeCertificate(der);
    return { subject, names: subjectAltName, notBefore: validFromDate, notAfter: validToDate, publicKey };
  },
  '@peculiar/x509': (der) => {
    const certificate = new PeculiarCertificate(der);
    const { subject, notBefore, notAfter, publicKey } = certificate;
    const names = certificate.getExtension(SubjectAlternativeNameExtension)?.names;
    return { subject, names, notBefore, notAfter, publicKey };
  },
  pkijs: (der) => {
    const { subject, extensions, notBefore, notAfter, subjectPublicKeyInfo } = PkijsCertificate.fromBER(der);
    const value: unknown = extensions?.find(({ extnID }) => extnID === '2.5.29.17')?.parsedValue;
    return {
      subject: subject.typesAndValues.map(({ type, value: { valueBlock } }) => `${type}=${valueBlock.value}`).join(),
      names: value instanceof AltName ? value.altNames.map((name): unknown => name.value) : undefined,
      notBefore: notBefore.value,
      notAfter: notAfter.value,
      publicKey: subjectPublicKeyInfo.parsedKey,
    };
  },
};

let lastRead: ReadFields | undefined;

export function parsing(makeDer: () => Promise<Uint8Array>): Subject[] {
  return Object.entries(parsers).map(([name, parse]) => ({
    name,
    start: async () => {
      const der = await makeDer();
      return {
        operation: async () => {
          lastRead = parse(der);
        },
        close: async () => {
          if (lastRead?.names === undefined) throw new Error(`${name} has read no names`);
        },
      };
    },
  }));
}

export const parsingGoals: readonly Goal[] = [
  {
    goal: '@peculiar/x509 costs so many times as much',
    bound: 'at least',
    limit: 10,
    value: (cost) => cost('@peculiar/x509') / cost('countersign'),
  },
];
