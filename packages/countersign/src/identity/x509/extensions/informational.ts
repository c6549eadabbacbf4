/** Extensions that inform and decide nothing in path validation, each with what reads it whole. */
import type { DerReader } from '../../../ground/encoding/index.ts';
import { extensionOids } from '../extensions.ts';
import { readCertificateTemplate } from './certificate-template.ts';
import { readCertificateTimestamps } from './certificate-timestamps.ts';
import { readDistributionPoints } from './distribution-points.ts';
import { readInformationAccess } from './information-access.ts';
import { readIssuerAltName } from './issuer-alt-name.ts';
import { readMarker } from './markers.ts';
import { readNetscapeComment } from './netscape-comment.ts';
import { readOrganizationIdentifier } from './organization-identifier.ts';
import { readPrivateKeyUsagePeriod } from './private-key-usage-period.ts';
import { readQcStatements } from './qc-statements.ts';
import { readSubjectDirectoryAttributes } from './subject-directory-attributes.ts';
import { readTlsFeature } from './tls-feature.ts';

export const informationalExtensions: ReadonlyMap<string, (reader: DerReader) => unknown> = new Map<
  string,
  (reader: DerReader) => unknown
>([
  [extensionOids.subjectDirectoryAttributes, readSubjectDirectoryAttributes],
  [extensionOids.privateKeyUsagePeriod, readPrivateKeyUsagePeriod],
  [extensionOids.issuerAltName, readIssuerAltName],
  [extensionOids.crlDistributionPoints, readDistributionPoints],
  [extensionOids.freshestCRL, readDistributionPoints],
  [extensionOids.noRevAvail, readMarker],
  [extensionOids.authorityInfoAccess, readInformationAccess],
  [extensionOids.subjectInfoAccess, readInformationAccess],
  [extensionOids.qcStatements, readQcStatements],
  [extensionOids.tlsFeature, readTlsFeature],
  [extensionOids.ocspNoCheck, readMarker],
  [extensionOids.signedCertificateTimestamps, readCertificateTimestamps],
  [extensionOids.precertificatePoison, readMarker],
  [extensionOids.microsoftCertificateTemplate, readCertificateTemplate],
  [extensionOids.netscapeComment, readNetscapeComment],
  [extensionOids.cabfOrganizationIdentifier, readOrganizationIdentifier],
]);
