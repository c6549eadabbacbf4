/** What a TLS server says of itself, as data; its chain and its staple are objects of their own. */
import type { PemBlock } from '../../ground/encoding/index.ts';
import { isRefusal } from '../../ground/errors/index.ts';
import { inspectCertificate } from '../../identity/x509/index.ts';
import type { ServerLook } from '../server/look-at-server.ts';
import { issued } from './describe-certificate.ts';
import type { ServerData } from './described.ts';

export function describeServer(look: ServerLook): ServerData {
  const { requested, withoutCertificate } = look;
  return {
    kind: 'server',
    address: look.address,
    remote: look.remote,
    serverName: look.serverName,
    version: look.version,
    cipher: look.cipher,
    group: look.group,
    alpn: look.alpn,
    offered: look.offered,
    clientCertificate:
      requested === undefined ? 'not asked for' : withoutCertificate === 'refused' ? 'required' : 'asked for',
    clientAuthorities: requested?.authorities ?? [],
    clientSignatureAlgorithms: requested?.signatureAlgorithms ?? [],
    certificates: look.certificates.length,
    stapled: look.staple !== undefined,
    unfinished: look.unfinished ?? null,
    remarks: remarks(look),
  };
}

/** The chain in its order, then what is stapled to it. */
export function serverBlocks({ certificates, staple }: ServerLook): PemBlock[] {
  const chain = certificates.map((bytes) => ({ label: 'CERTIFICATE', bytes }));
  return staple === undefined ? chain : [...chain, { label: 'OCSP RESPONSE', bytes: staple }];
}

function remarks({ version, certificates, unfinished, requested }: ServerLook): string[] {
  return [
    version === 'TLS 1.0' || version === 'TLS 1.1' ? `${version}, which is given up (RFC 8996)` : undefined,
    // A server that requires a certificate of TLS 1.2 ends the handshake so; that has its own line.
    unfinished === undefined || requested !== undefined ? undefined : `the handshake was not finished: ${unfinished}`,
    certificates.length === 0 ? 'presents no certificate' : chainRemark(certificates),
  ].filter((remark) => remark !== undefined);
}

function chainRemark(certificates: readonly Uint8Array[]): string | undefined {
  try {
    const chain = certificates.map((der) => inspectCertificate(der));
    const broken = chain.findIndex((one, at) => {
      const next = chain[at + 1];
      return next !== undefined && issued(one, next) === 'no';
    });
    return broken < 0 ? undefined : `certificate ${broken + 1} of the chain was not issued by the one after it`;
  } catch (error) {
    // What cannot be read is said when its turn comes.
    if (isRefusal(error)) return undefined;
    throw error;
  }
}
