/** The messages of a server's handshake as what a person asks: which TLS, whose certificates, whether it wants one. */
import { DerReader, toHex } from '../../ground/encoding/index.ts';
import { isRefusal } from '../../ground/errors/index.ts';
import { readName } from '../../identity/x509/index.ts';
import { type HandshakeMessage, handshakeTypes, readExtensions, serverHelloOf, tls13 } from './handshake-messages.ts';
import { cipherName, groupName, signatureName, versionName } from './server-words.ts';
import { WireReader } from './wire-reader.ts';

export interface CertificateRequested {
  /** Distinguished names of authorities whose certificates are welcome; none: it does not say. */
  readonly authorities: readonly string[];
  readonly signatureAlgorithms: readonly string[];
}

export interface Presented {
  readonly version: string;
  readonly cipher: string;
  readonly group: string | null;
  readonly alpn: string | null;
  /** DER, in the order sent. */
  readonly certificates: readonly Uint8Array[];
  /** An OCSP response, DER. */
  readonly staple: Uint8Array | undefined;
  readonly requested: CertificateRequested | undefined;
}

/** Of extensions (IANA, TLS ExtensionType). */
const numbers = {
  statusRequest: 5,
  signatureAlgorithms: 13,
  alpn: 16,
  certificateAuthorities: 47,
  keyShare: 51,
} as const;

/** `undefined` where not even a ServerHello came. */
export function presentedBy(messages: readonly HandshakeMessage[]): Presented | undefined {
  const hello = serverHelloOf(messages);
  if (hello === undefined) return undefined;
  const isThirteen = hello.version === tls13;
  const body = (type: number): Uint8Array | undefined => messages.find((message) => message.type === type)?.body;
  const encrypted = body(handshakeTypes.encryptedExtensions);
  const extensions = encrypted === undefined ? hello.extensions : readExtensions(new WireReader(encrypted));
  const certificate = body(handshakeTypes.certificate);
  const chain = certificate === undefined ? noChain : readChain(new WireReader(certificate), isThirteen);
  const status = body(handshakeTypes.certificateStatus);
  const request = body(handshakeTypes.certificateRequest);
  return {
    version: versionName(hello.version),
    cipher: cipherName(hello.cipher),
    group: groupOf(hello.extensions.get(numbers.keyShare), body(handshakeTypes.serverKeyExchange)),
    alpn: alpnOf(extensions.get(numbers.alpn)),
    certificates: chain.certificates,
    staple: status === undefined ? chain.staple : stapleOf(status),
    requested: request === undefined ? undefined : readRequest(new WireReader(request), isThirteen),
  };
}

interface Chain {
  readonly certificates: readonly Uint8Array[];
  readonly staple: Uint8Array | undefined;
}

const noChain: Chain = { certificates: [], staple: undefined };

/** RFC 8446, 4.4.2; RFC 5246, 7.4.2. */
function readChain(fields: WireReader, isThirteen: boolean): Chain {
  if (isThirteen) fields.octets(1);
  const list = fields.vector(3);
  const certificates: Uint8Array[] = [];
  let staple: Uint8Array | undefined;
  while (!list.done) {
    certificates.push(list.octets(3));
    if (!isThirteen) continue;
    const status = readExtensions(list).get(numbers.statusRequest);
    if (status !== undefined && certificates.length === 1) staple = stapleOf(status);
  }
  return { certificates, staple };
}

/** CertificateStatus (RFC 6066, 8), of type OCSP. */
function stapleOf(status: Uint8Array): Uint8Array | undefined {
  const fields = new WireReader(status);
  return fields.number(1) === 1 ? fields.octets(3) : undefined;
}

/** RFC 8446, 4.3.2; RFC 5246, 7.4.4. */
function readRequest(fields: WireReader, isThirteen: boolean): CertificateRequested {
  fields.octets(1);
  if (!isThirteen) {
    const algorithms = fields.octets(2);
    return { signatureAlgorithms: readAlgorithms(algorithms), authorities: readAuthorities(fields.octets(2)) };
  }
  const extensions = readExtensions(fields);
  const inner = (number: number): Uint8Array => new WireReader(extensions.get(number) ?? Uint8Array.of(0, 0)).octets(2);
  return {
    signatureAlgorithms: readAlgorithms(inner(numbers.signatureAlgorithms)),
    authorities: readAuthorities(inner(numbers.certificateAuthorities)),
  };
}

function readAlgorithms(octets: Uint8Array): string[] {
  const list = new WireReader(octets);
  const names: string[] = [];
  while (!list.done) names.push(signatureName(list.number(2)));
  return names;
}

function readAuthorities(octets: Uint8Array): string[] {
  const list = new WireReader(octets);
  const names: string[] = [];
  while (!list.done) names.push(nameText(list.octets(2)));
  return names;
}

function nameText(der: Uint8Array): string {
  try {
    return readName(DerReader.over(der)).text || 'an empty name';
  } catch (error) {
    if (isRefusal(error)) return `not readable: ${toHex(der)}`;
    throw error;
  }
}

/** The group of key_share (RFC 8446, 4.2.8), or the named curve of ServerKeyExchange (RFC 8422, 5.4). */
function groupOf(share: Uint8Array | undefined, exchange: Uint8Array | undefined): string | null {
  if (share !== undefined) return groupName(new WireReader(share).number(2));
  const namedCurve = 3;
  return exchange?.[0] === namedCurve ? groupName(new WireReader(exchange.subarray(1)).number(2)) : null;
}

/** One protocol, in its list (RFC 7301, 3.1). */
function alpnOf(extension: Uint8Array | undefined): string | null {
  if (extension === undefined) return null;
  return new TextDecoder().decode(new WireReader(extension).vector(2).octets(1));
}
