/**
 * A client of TLS 1.2 that calls, renegotiates with another certificate, and calls again. It drives OpenSSL itself, by the functions that Node's own binary exports:
 * node:tls can't present another certificate on a client's connection (`setKeyCert` changes a server's alone; tried on 24.21 and 26.10).
 * With "keyUpdates" it speaks TLS 1.3, and in place of renegotiating asks for as many new keys (RFC 8446, 4.6.3) without reading in between.
 * A program of its own, since it blocks: reads an `Order`, or a row of them, from standard input, and prints what came of each.
 */
import { readFileSync } from 'node:fs';
import koffi from 'koffi';
import type { Presented } from './presented.ts';

export interface Order {
  readonly port: number;
  readonly first: Presented;
  readonly second: Presented;
  readonly keyUpdates?: number;
  readonly servername?: string;
  /** Nothing is asked before the renegotiation; afterwards this is sent (base64), and the answer is what comes up to a SPIFFE ID or the end. */
  readonly hurried?: { readonly request: string; readonly protocol?: string; readonly serverSpeaksFirst?: boolean };
}

export interface Renegotiated {
  /** What each request on the connection was answered with; fewer where the connection ended. */
  readonly answers: readonly string[];
  /** Why the renegotiation failed; empty where it came about. */
  readonly error: string;
}

const binary = koffi.load(null);
const openssl = {
  TLS_client_method: binary.func('void *TLS_client_method()'),
  SSL_CTX_new: binary.func('void *SSL_CTX_new(void *method)'),
  SSL_CTX_ctrl: binary.func('long SSL_CTX_ctrl(void *ctx, int command, long value, void *pointer)'),
  SSL_new: binary.func('void *SSL_new(void *ctx)'),
  SSL_ctrl: binary.func('long SSL_ctrl(void *ssl, int command, long value, void *pointer)'),
  SSL_set_fd: binary.func('int SSL_set_fd(void *ssl, int fd)'),
  SSL_set_alpn_protos: binary.func('int SSL_set_alpn_protos(void *ssl, const void *protocols, uint32_t length)'),
  SSL_connect: binary.func('int SSL_connect(void *ssl)'),
  SSL_renegotiate: binary.func('int SSL_renegotiate(void *ssl)'),
  SSL_key_update: binary.func('int SSL_key_update(void *ssl, int type)'),
  SSL_do_handshake: binary.func('int SSL_do_handshake(void *ssl)'),
  SSL_write: binary.func('int SSL_write(void *ssl, const void *bytes, int count)'),
  SSL_read: binary.func('int SSL_read(void *ssl, _Out_ uint8_t *bytes, int count)'),
  SSL_use_certificate: binary.func('int SSL_use_certificate(void *ssl, void *certificate)'),
  SSL_use_PrivateKey: binary.func('int SSL_use_PrivateKey(void *ssl, void *key)'),
  BIO_new_mem_buf: binary.func('void *BIO_new_mem_buf(const void *bytes, int count)'),
  PEM_read_bio_X509: binary.func('void *PEM_read_bio_X509(void *bio, void *x, void *callback, void *user)'),
  PEM_read_bio_PrivateKey: binary.func('void *PEM_read_bio_PrivateKey(void *bio, void *x, void *callback, void *user)'),
  ERR_get_error: binary.func('unsigned long ERR_get_error()'),
  ERR_reason_error_string: binary.func('const char *ERR_reason_error_string(unsigned long error)'),
  socket: binary.func('int socket(int domain, int type, int protocol)'),
  connect: binary.func('int connect(int fd, const void *address, uint32_t length)'),
} as const;

// Of OpenSSL's ssl.h: SSL_CTRL_SET_MIN_PROTO_VERSION, SSL_CTRL_SET_MAX_PROTO_VERSION, SSL_CTRL_CHAIN_CERT, SSL_CTRL_SET_TLSEXT_HOSTNAME.
const [setMinimum, setMaximum, chainCertificate, setServerName] = [123, 124, 89, 55];
// SSL_KEY_UPDATE_REQUESTED, TLS1_2_VERSION, TLS1_3_VERSION.
const [updateRequested, tls12, tls13] = [1, 0x0303, 0x0304];

const answered = /\r\n\r\n.+/s;
const identified = /spiffe:\/\/[^"]+/;

const given = JSON.parse(readFileSync(0, 'utf8')) as Order | readonly Order[];
process.stdout.write(JSON.stringify('port' in given ? attack(given) : given.map(attack)));
// The socket is OpenSSL's: nothing of Node's waits for it.
process.exit();

function attack(order: Order): Renegotiated {
  for (;;) {
    const outcome = attempt(order);
    // What the server says of itself met the handshake, which OpenSSL's client does not take: once more.
    if (outcome.error !== 'unexpected record') return outcome;
  }
}

function attempt({ port, first, second, keyUpdates, servername, hurried }: Order): Renegotiated {
  const version = keyUpdates === undefined ? tls12 : tls13;
  const context: unknown = openssl.SSL_CTX_new(openssl.TLS_client_method());
  openssl.SSL_CTX_ctrl(context, setMinimum, version, null);
  openssl.SSL_CTX_ctrl(context, setMaximum, version, null);
  const ssl: unknown = openssl.SSL_new(context);
  openssl.SSL_set_fd(ssl, connectedSocket(port));
  if (servername !== undefined) openssl.SSL_ctrl(ssl, setServerName, 0, Buffer.from(`${servername}\0`));
  if (hurried?.protocol !== undefined) offer(ssl, hurried.protocol);
  present(ssl, first);
  if (openssl.SSL_connect(ssl) !== 1) return { answers: [], error: `not let in at first: ${lastError()}` };
  const requestText = Buffer.from(`GET /v1/whoami HTTP/1.1\r\nHost: ${servername ?? 'x'}\r\n\r\n`);
  const answers = hurried === undefined ? [call(ssl, requestText, answered)] : [];
  if (hurried?.serverSpeaksFirst === true) openssl.SSL_read(ssl, Buffer.alloc(16_384), 16_384);
  const error = keyUpdates === undefined ? renegotiate(ssl, second) : updateKeys(ssl, keyUpdates);
  answers.push(
    hurried === undefined
      ? call(ssl, requestText, answered)
      : call(ssl, Buffer.from(hurried.request, 'base64'), identified),
  );
  return { answers, error };
}

/** @returns why not; empty where it came about */
function renegotiate(ssl: unknown, second: Presented): string {
  present(ssl, second);
  openssl.SSL_renegotiate(ssl);
  return openssl.SSL_do_handshake(ssl) === 1 ? '' : lastError();
}

function updateKeys(ssl: unknown, count: number): string {
  for (let sent = 0; sent < count; sent++) {
    openssl.SSL_key_update(ssl, updateRequested);
    if (openssl.SSL_do_handshake(ssl) !== 1) return lastError();
  }
  return '';
}

function offer(ssl: unknown, protocol: string): void {
  const list = Buffer.from([protocol.length, ...Buffer.from(protocol)]);
  openssl.SSL_set_alpn_protos(ssl, list, list.length);
}

function connectedSocket(port: number): number {
  const fd = openssl.socket(2, 1, 0) as number;
  const address = Buffer.from([2, 0, port >> 8, port & 0xff, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
  if (openssl.connect(fd, address, address.length) !== 0) throw new Error('not connected');
  return fd;
}

function present(ssl: unknown, { cert, key }: Presented): void {
  const [leaf, ...others] = cert.match(/-----BEGIN[^]+?-----END CERTIFICATE-----\n/g) ?? [];
  openssl.SSL_use_certificate(ssl, certificateOf(leaf ?? ''));
  for (const other of others) openssl.SSL_ctrl(ssl, chainCertificate, 1, certificateOf(other));
  openssl.SSL_use_PrivateKey(ssl, openssl.PEM_read_bio_PrivateKey(bioOf(key), null, null, null));
}

function certificateOf(pem: string): unknown {
  return openssl.PEM_read_bio_X509(bioOf(pem), null, null, null);
}

function bioOf(pem: string): unknown {
  const bytes = Buffer.from(pem);
  return openssl.BIO_new_mem_buf(bytes, bytes.length);
}

function call(ssl: unknown, request: Buffer, whole: RegExp): string {
  if ((openssl.SSL_write(ssl, request, request.length) as number) <= 0) return `not written: ${lastError()}`;
  const bytes = Buffer.alloc(16_384);
  let text = '';
  while (!whole.test(text)) {
    const count = openssl.SSL_read(ssl, bytes, bytes.length) as number;
    if (count <= 0) return `${text} not read: ${lastError()}`;
    text += bytes.toString('utf8', 0, count);
  }
  return text.slice(text.indexOf('\r\n\r\n') + 1);
}

function lastError(): string {
  const code = openssl.ERR_get_error() as number;
  return code === 0 ? 'closed' : String(openssl.ERR_reason_error_string(code));
}
