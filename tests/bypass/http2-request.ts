/** A request of HTTP/2 that every server of it answers, those of gRPC too; and the answer to such a call from a server that is bare. */
import type { IncomingMessage } from 'node:http';
import type {
  ClientHttp2Session,
  ClientHttp2Stream,
  Http2ServerRequest,
  Http2ServerResponse,
  OutgoingHttpHeaders,
} from 'node:http2';

/** A call of gRPC is as good a request as any for a server that speaks none: a message of one byte. */
export function requestIn(session: ClientHttp2Session, headers: OutgoingHttpHeaders = {}): ClientHttp2Stream {
  const stream = session.request({
    ':method': 'POST',
    ':path': '/v1/whoami',
    'content-type': 'application/grpc',
    te: 'trailers',
    ...headers,
  });
  stream.end(messageOf(Buffer.of(0)));
  return stream;
}

/** What is in the answer, as text. Rejects where the stream fails. */
export async function answerTo(stream: ClientHttp2Stream): Promise<string> {
  let seen = '';
  for await (const bytes of stream) seen += String(bytes);
  return seen.replace(/^\0[^]{4}(?=\{)/, '');
}

export function isCall({ headers }: IncomingMessage | Http2ServerRequest): boolean {
  return headers['content-type'] === 'application/grpc';
}

export function answerCall(answer: Http2ServerResponse, text: string): void {
  answer.setHeader('content-type', 'application/grpc');
  answer.addTrailers({ 'grpc-status': '0' });
  answer.end(messageOf(Buffer.from(text)));
}

/** The same request as octets, for clients of TLS that know nothing of HTTP; and the end of the connection once it is answered (RFC 9113, 3.4 and 6). */
export function requestInOctets(host: string): Buffer {
  const fields = {
    ':method': 'POST',
    ':scheme': 'https',
    ':path': '/v1/whoami',
    ':authority': host,
    'content-type': 'application/grpc',
    te: 'trailers',
  };
  // Literals that are not put into any table (RFC 7541, 6.2.2).
  const head = Object.entries(fields).flatMap(([name, value]) => [
    Buffer.of(0, name.length),
    Buffer.from(name),
    Buffer.of(value.length),
    Buffer.from(value),
  ]);
  return Buffer.concat([
    Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
    frameOf('SETTINGS', 0, 0, Buffer.alloc(0)),
    frameOf('HEADERS', endHeaders, 1, Buffer.concat(head)),
    frameOf('DATA', endStream, 1, messageOf(Buffer.of(0))),
    frameOf('GOAWAY', 0, 0, Buffer.alloc(8)),
  ]);
}

const types = { DATA: 0, HEADERS: 1, SETTINGS: 4, GOAWAY: 7 } as const;
const [endStream, endHeaders] = [1, 4] as const;

function frameOf(type: keyof typeof types, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(types[type], 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** The head of a message of gRPC: uncompressed, and its length. */
function messageOf(bytes: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}
