/** What reaches a TLS port and is no handshake, or none that ends; and what reaches a client that called the wrong port. */
import { connect as connectTcp, type Socket } from 'node:net';

export interface Opening {
  readonly octets: Buffer;
  /** How the server's operator reads it. */
  readonly code: string;
  readonly reason: RegExp;
}

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

/** A ClientHello of an old version: two suites that it knew, no extensions. */
function hello(record: string, version: string): Buffer {
  const body = `${version} ${'a5'.repeat(32)} 00 0004 c013 002f 0100`;
  const length = hex(body).length;
  return hex(
    `16 ${record} ${(length + 4).toString(16).padStart(4, '0')} 01 ${length.toString(16).padStart(6, '0')} ${body}`,
  );
}

export const openings: Readonly<Record<string, Opening>> = {
  'a request of HTTP/1.1': {
    octets: Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
    code: 'CS-TLS-010',
    reason: /HTTP\/1/,
  },
  'a method that is rare': {
    octets: Buffer.from('PATCH / HTTP/1.1\r\nHost: x\r\n\r\n'),
    code: 'CS-TLS-010',
    reason: /HTTP\/1/,
  },
  'a CONNECT to a proxy': {
    octets: Buffer.from('CONNECT x:443 HTTP/1.1\r\n\r\n'),
    code: 'CS-TLS-010',
    reason: /HTTP\/1/,
  },
  'HTTP/2 with prior knowledge': {
    octets: Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
    code: 'CS-TLS-010',
    reason: /HTTP\/2/,
  },
  'a PROXY line': {
    octets: Buffer.from('PROXY TCP4 192.0.2.1 192.0.2.2 5 443\r\n'),
    code: 'CS-TLS-011',
    reason: /PROXY line/,
  },
  'a PROXY header': {
    octets: hex('0d0a0d0a000d0a515549540a 2111000c c0000201c0000202000501bb'),
    code: 'CS-TLS-011',
    reason: /PROXY header/,
  },
  SSH: { octets: Buffer.from('SSH-2.0-OpenSSH_9.2\r\n'), code: 'CS-TLS-011', reason: /SSH/ },
  SMTP: { octets: Buffer.from('EHLO mail.test\r\n'), code: 'CS-TLS-011', reason: /SMTP/ },
  'PostgreSQL asking for TLS': { octets: hex('00000008 04d2162f'), code: 'CS-TLS-011', reason: /PostgreSQL/ },
  'markup that is meant for whoever reads the log': {
    octets: Buffer.from('<script>\u001b[2J'),
    code: 'CS-TLS-011',
    reason: /0x3c736372/,
  },
  'a hello of TLS 1.0': { octets: hello('0301', '0301'), code: 'CS-TLS-004', reason: /TLS 1\.0/ },
  'a hello of TLS 1.1': { octets: hello('0301', '0302'), code: 'CS-TLS-004', reason: /TLS 1\.1/ },
  'a hello of SSL 3.0': { octets: hello('0300', '0300'), code: 'CS-TLS-004', reason: /SSL 3\.0/ },
  'a hello of SSL 2.0': {
    octets: hex(`801c 01 0002 0003 0000 0010 0700c0 ${'5a'.repeat(16)}`),
    code: 'CS-TLS-004',
    reason: /SSL 2\.0/,
  },
  'empty records': { octets: hex('16 0301 0000'.repeat(200)), code: 'CS-TLS-001', reason: /RECORD_TOO_SMALL/ },
  'empty records of data': {
    octets: hex('17 0303 0000'.repeat(200)),
    code: 'CS-TLS-001',
    reason: /UNEXPECTED_MESSAGE/,
  },
  'a flood of warnings': {
    octets: hex('15 0301 0002 0100'.repeat(5_000)),
    code: 'CS-TLS-001',
    reason: /UNEXPECTED_MESSAGE/,
  },
  'a flood of ChangeCipherSpec': {
    octets: hex('14 0303 0001 01'.repeat(5_000)),
    code: 'CS-TLS-001',
    reason: /UNEXPECTED_MESSAGE/,
  },
  'a record of 64 KB': {
    octets: Buffer.concat([hex('16 0301 ffff'), Buffer.alloc(65_535)]),
    code: 'CS-TLS-001',
    reason: /LENGTH_TOO_LONG/,
  },
  'a hello that says it is 16 MB': {
    octets: Buffer.concat([hex('16 0301 4000 01 ffffff 0303'), Buffer.alloc(16_378)]),
    code: 'CS-TLS-001',
    reason: /EXCESSIVE/,
  },
  'a hello whose lengths do not agree': {
    octets: hex(`16 0301 002d 01 000029 0303 ${'00'.repeat(32)} ff ffff 1301 01 00`),
    code: 'CS-TLS-001',
    reason: /./,
  },
  'a record that is cut off': {
    octets: hex('16 0301 0100 01 0000fc 0303 a5a5'),
    code: 'CS-TLS-017',
    reason: /ECONNRESET, sent before: TLS 1\.2/,
  },
  'no word at all': { octets: Buffer.alloc(0), code: 'CS-TLS-017', reason: /nothing was sent/ },
};

/** A real hello of TLS 1.3, as far as it goes: what is sent slowly, or left standing. */
export const startOfHello: Buffer = hex(`16 0301 0100 01 0000fc 0303 ${'a5'.repeat(32)} 20 ${'5a'.repeat(32)}`);

/** Sends it and waits until the connection is over. */
export async function sendAndWait(port: number, octets: Buffer): Promise<void> {
  const socket = opened(port);
  socket.end(octets);
  await closed(socket);
}

export function opened(port: number): Socket {
  return connectTcp(port, '127.0.0.1')
    .on('error', () => undefined)
    .resume();
}

export function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.once('close', () => resolve());
  });
}
