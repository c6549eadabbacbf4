/** How each known extension's value is read and told as plain data. */
import { toRfc3339 } from '../../../ground/clock/index.ts';
import { type DerReader, toHex } from '../../../ground/encoding/index.ts';
import { isRefusal } from '../../../ground/errors/index.ts';
import { DistinguishedName } from '../distinguished-name.ts';
import {
  extensionOids as oids,
  readAuthorityKeyIdentifier,
  readBasicConstraints,
  readExtendedKeyUsage,
  readKeyUsage,
  readSubjectAltName,
  readSubjectKeyIdentifier,
} from '../extensions.ts';
import { readCertificateTemplate } from './certificate-template.ts';
import { readCertificateTimestamps } from './certificate-timestamps.ts';
import { describeDer, describeNames, describeSubtrees, purposeName } from './describe-names.ts';
import { type DistributionPoint, readDistributionPoints } from './distribution-points.ts';
import { accessMethods, readInformationAccess } from './information-access.ts';
import { readIssuerAltName } from './issuer-alt-name.ts';
import { readMarker } from './markers.ts';
import { readNameConstraints } from './name-constraints.ts';
import { readNetscapeComment } from './netscape-comment.ts';
import { readOrganizationIdentifier } from './organization-identifier.ts';
import {
  type PolicyInformation,
  type PolicyQualifier,
  readCertificatePolicies,
  readInhibitAnyPolicy,
  readPolicyConstraints,
  readPolicyMappings,
} from './policies.ts';
import { describeQualifier } from './policy-qualifiers.ts';
import { readPrivateKeyUsagePeriod } from './private-key-usage-period.ts';
import { type QcStatement, qcStatementIds, qcTypes } from './qc-statement.ts';
import { readQcStatements } from './qc-statements.ts';
import { readSubjectDirectoryAttributes } from './subject-directory-attributes.ts';
import { readTlsFeature, tlsFeatures } from './tls-feature.ts';

type Describer = (reader: DerReader) => unknown;

export const describers: ReadonlyMap<string, Describer> = new Map<string, Describer>([
  [oids.subjectDirectoryAttributes, describeDirectoryAttributes],
  [oids.subjectKeyIdentifier, readSubjectKeyIdentifier],
  [oids.keyUsage, readKeyUsage],
  [oids.privateKeyUsagePeriod, describeUsagePeriod],
  [oids.subjectAltName, (reader) => describeNames(readSubjectAltName(reader))],
  [oids.issuerAltName, (reader) => describeNames(readIssuerAltName(reader))],
  [oids.basicConstraints, readBasicConstraints],
  [oids.nameConstraints, describeNameConstraints],
  [oids.crlDistributionPoints, describeDistributionPoints],
  [oids.certificatePolicies, (reader) => readCertificatePolicies(reader).map(describePolicy)],
  [oids.policyMappings, readPolicyMappings],
  [oids.authorityKeyIdentifier, describeAuthorityKeyIdentifier],
  [oids.policyConstraints, readPolicyConstraints],
  [oids.extendedKeyUsage, (reader) => readExtendedKeyUsage(reader).map((oid) => named(oid, purposeName(oid)))],
  [oids.freshestCRL, describeDistributionPoints],
  [oids.inhibitAnyPolicy, readInhibitAnyPolicy],
  [oids.noRevAvail, readMarker],
  [oids.authorityInfoAccess, describeInformationAccess],
  [oids.subjectInfoAccess, describeInformationAccess],
  [oids.qcStatements, (reader) => readQcStatements(reader).map(describeStatement)],
  [oids.tlsFeature, describeTlsFeature],
  [oids.ocspNoCheck, readMarker],
  [oids.signedCertificateTimestamps, describeTimestamps],
  [oids.precertificatePoison, readMarker],
  [oids.microsoftCertificateTemplate, readCertificateTemplate],
  [oids.netscapeComment, readNetscapeComment],
  [oids.cabfOrganizationIdentifier, readOrganizationIdentifier],
]);

function named(oid: string, name: string | undefined): { name?: string; oid: string } {
  return name === undefined ? { oid } : { name, oid };
}

function nameIn(known: Readonly<Record<string, string | number>>, value: string | number): string | undefined {
  return Object.entries(known).find(([, one]) => one === value)?.[0];
}

function describeDirectoryAttributes(reader: DerReader): unknown {
  return readSubjectDirectoryAttributes(reader).map(({ type, values }) => ({ type, values: values.map(describeDer) }));
}

function describeUsagePeriod(reader: DerReader): unknown {
  const { notBefore, notAfter } = readPrivateKeyUsagePeriod(reader);
  return {
    ...(notBefore === undefined ? {} : { notBefore: toRfc3339(notBefore) }),
    ...(notAfter === undefined ? {} : { notAfter: toRfc3339(notAfter) }),
  };
}

function describeNameConstraints(reader: DerReader): unknown {
  const { permitted, excluded } = readNameConstraints(reader);
  return { permitted: describeSubtrees(permitted), excluded: describeSubtrees(excluded) };
}

function describeDistributionPoints(reader: DerReader): unknown {
  return readDistributionPoints(reader).map(describePoint);
}

function describePoint({ fullName, nameRelativeToCRLIssuer, reasons, cRLIssuer }: DistributionPoint): unknown {
  const relative = nameRelativeToCRLIssuer && new DistinguishedName(new Uint8Array(), [nameRelativeToCRLIssuer]).text;
  return {
    ...(fullName === undefined ? {} : { fullName: describeNames(fullName) }),
    ...(relative === undefined ? {} : { nameRelativeToCRLIssuer: relative }),
    ...(reasons === undefined ? {} : { reasons }),
    ...(cRLIssuer === undefined ? {} : { cRLIssuer: describeNames(cRLIssuer) }),
  };
}

function describePolicy({ policy, qualifiers }: PolicyInformation): unknown {
  return qualifiers.length === 0 ? { policy } : { policy, qualifiers: qualifiers.map(describeEvenBroken) };
}

/** Parsing a certificate leaves qualifiers alone; a broken one hides neither the policy nor its neighbours. */
function describeEvenBroken(qualifier: PolicyQualifier): unknown {
  try {
    return describeQualifier(qualifier);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return { type: 'malformed', oid: qualifier.type, value: toHex(qualifier.value), malformed: error.message };
  }
}

function describeAuthorityKeyIdentifier(reader: DerReader): unknown {
  const { keyIdentifier, certificate } = readAuthorityKeyIdentifier(reader);
  return {
    ...(keyIdentifier === undefined ? {} : { keyIdentifier }),
    ...(certificate === undefined
      ? {}
      : { issuer: describeNames(certificate.issuer), serialNumber: certificate.serialNumber }),
  };
}

function describeInformationAccess(reader: DerReader): unknown {
  return readInformationAccess(reader).map(({ method, location }) => ({
    method: named(method, nameIn(accessMethods, method)),
    location: describeNames(location),
  }));
}

function describeStatement(one: QcStatement): unknown {
  switch (one.statement) {
    case 'QcType':
      return { ...one, types: one.types.map((oid) => named(oid, nameIn(qcTypes, oid))) };
    case 'semantics1':
    case 'semantics2': {
      const { identifier, registrationAuthorities } = one.information ?? {};
      return {
        statement: one.statement,
        oid: qcStatementIds[one.statement],
        ...(identifier === undefined ? {} : { identifier }),
        ...(registrationAuthorities === undefined
          ? {}
          : { registrationAuthorities: describeNames(registrationAuthorities) }),
      };
    }
    case 'other':
      return one.information === undefined ? one : { ...one, information: describeDer(one.information) };
    default:
      return one;
  }
}

function describeTlsFeature(reader: DerReader): unknown {
  return readTlsFeature(reader).map((number) => {
    const name = nameIn(tlsFeatures, number);
    return name === undefined ? { number } : { name, number };
  });
}

function describeTimestamps(reader: DerReader): unknown {
  return readCertificateTimestamps(reader).map((one) =>
    'raw' in one
      ? { version: one.version, raw: toHex(one.raw) }
      : {
          ...one,
          timestamp: toRfc3339(one.timestamp),
          extensions: toHex(one.extensions),
          signature: toHex(one.signature),
        },
  );
}
