/** What of a certificate its OCSP needs: how it is named, who issued it, whom to ask. */
import { isRefusal, type Refusal } from '../../../ground/errors/index.ts';
import { issuerKeyOf, revocationKey } from '../../../identity/revocation/index.ts';
import {
  accessMethods,
  type Certificate,
  decodeExtension,
  extensionOids,
  noRevAvailConflict,
  type PublicKeyInfo,
  readInformationAccess,
  type TrustAnchor,
  type ValidatedPath,
} from '../../../identity/x509/index.ts';
import { sha256 } from '../../../runtime/cryptography/index.ts';

export interface OcspSubject {
  /** As `revocationKey` makes it. */
  readonly key: string;
  readonly issuerKey: string;
  readonly certificate: Certificate;
  readonly issuer: TrustAnchor;
  /** From the issuer up, without an anchor that has no certificate. */
  readonly above: readonly Certificate[];
  readonly anchor: TrustAnchor;
  readonly trustDomain: string;
  /** Addresses of responders, in the order in which they are tried. */
  readonly urls: readonly string[];
  /** RFC 9608: nothing is published of it, and nothing is to be asked. */
  readonly exempt: boolean;
  /** What is wrong with the extensions that say so. */
  readonly fault: Refusal | undefined;
}

/** Of each certificate that is no anchor, in the path's order. */
export function subjectsOf(
  { certificates, anchor }: ValidatedPath,
  trustDomain: string,
  responder: string | undefined,
): OcspSubject[] {
  const issued = certificates.at(-1) === anchor ? certificates.slice(0, -1) : certificates;
  return issued.map((certificate, index) => {
    const above = certificates.slice(index + 1);
    return subjectOf(certificate, { above, anchor, trustDomain }, responder);
  });
}

export function subjectOf(
  certificate: Certificate,
  issuing: Pick<OcspSubject, 'above' | 'anchor' | 'trustDomain'>,
  responder: string | undefined,
): OcspSubject {
  const issuer = issuing.above[0] ?? issuing.anchor;
  const issuerKey = issuerKeyFor(issuer);
  const { urls, exempt, fault } = factsOf(certificate);
  return {
    ...issuing,
    key: revocationKey(issuerKey, certificate.serialNumber),
    issuerKey,
    certificate,
    issuer,
    urls: responder === undefined ? urls : [responder],
    exempt,
    fault,
  };
}

const issuerKeys = new WeakMap<PublicKeyInfo, string>();

function issuerKeyFor(issuer: TrustAnchor): string {
  const known = issuerKeys.get(issuer.publicKey);
  if (known !== undefined) return known;
  const key = issuerKeyOf(issuer, sha256);
  issuerKeys.set(issuer.publicKey, key);
  return key;
}

/** Addresses that are tried, of those that a certificate names. Own choice: each that hangs costs a whole timeout. */
const mostUrls = 4;

type Facts = Pick<OcspSubject, 'urls' | 'exempt' | 'fault'>;

const facts = new WeakMap<Certificate, Facts>();

function factsOf(certificate: Certificate): Facts {
  const known = facts.get(certificate);
  if (known !== undefined) return known;
  const read = readFacts(certificate);
  facts.set(certificate, read);
  return read;
}

function readFacts(certificate: Certificate): Facts {
  const { extensions } = certificate;
  try {
    const access = decodeExtension(extensions, extensionOids.authorityInfoAccess, readInformationAccess) ?? [];
    const uris = access.flatMap(({ method, location }) => (method === accessMethods.ocsp ? location.uri : []));
    const http = uris.filter((uri) => /^http:\/\//i.test(uri));
    // One by https alone is not asked, either: then it is named as the reason why nothing is known.
    const named = http.length > 0 ? http : uris.filter((uri) => /^https:\/\//i.test(uri));
    const marked = extensions.some(({ oid }) => oid === extensionOids.noRevAvail);
    return {
      urls: named.slice(0, mostUrls),
      // Where it contradicts itself it exempts from nothing.
      exempt: marked && noRevAvailConflict(certificate) === undefined,
      fault: undefined,
    };
  } catch (error) {
    if (isRefusal(error)) return { urls: [], exempt: false, fault: error };
    throw error;
  }
}
