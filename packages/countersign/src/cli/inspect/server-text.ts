/** A TLS server for people. */
import type { ServerData } from './described.ts';
import { rowLines } from './rows.ts';

export function serverLines(data: ServerData): string[] {
  return rowLines([
    ['address', data.remote],
    ['asked for', data.serverName === null ? 'no name (no SNI)' : `${data.serverName} (SNI)`],
    ['TLS', [data.version, data.cipher, ...(data.group === null ? [] : [`group ${data.group}`])].join(', ')],
    ['protocol', protocolText(data)],
    ['client', clientText(data)],
    ['hints at', hints(data)],
    ['OCSP', data.stapled ? 'stapled: the last object below' : 'nothing stapled'],
    ['chain', `${data.certificates} certificate${data.certificates === 1 ? '' : 's'}`],
    ['not judged', 'whether to trust it: countersign verify HOST:PORT --roots FILE'],
  ]);
}

function protocolText({ alpn, offered }: ServerData): string {
  if (offered.length === 0) return 'of its own: it refuses h2 and http/1.1 (ALPN)';
  return `${alpn ?? 'none chosen'} (ALPN), of ${offered.join(', ')}`;
}

function clientText({ clientCertificate }: ServerData): string {
  switch (clientCertificate) {
    case 'required':
      return 'a certificate is required: without one the server broke off';
    case 'asked for':
      return 'a certificate is asked for, and not required in the handshake';
    case 'not asked for':
      return 'no certificate is asked for';
  }
}

function hints({ clientCertificate, clientAuthorities }: ServerData): string | readonly string[] | undefined {
  if (clientCertificate === 'not asked for') return undefined;
  return clientAuthorities.length === 0 ? 'no authority' : clientAuthorities;
}
