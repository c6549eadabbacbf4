/** The code in a refusal's fixed answer, where bytes or a problem document are one of ours; its words are not believed, only the code is read. */
import { isRefusalCode, problemContentType } from '../../../ground/errors/index.ts';

/** Those of our own servers are below 400 bytes. */
export const mostAnswerBytes: number = 4 * 1024;

const head = /^HTTP\/1\.1 403 [\x20-\x7e]*\r\n((?:[\x21-\x39\x3b-\x7e]+:[\x20-\x7e]*\r\n)*)\r\n/;

/** What second stages of ours refuse by; an application's own codes are its own affair. */
const codes = /^CS-(?:PEER|TLS)-\d{3}$/;

/** @param bytes the first that came on a connection: the answer comes in one record, or it is none of ours */
export function codeInAnswer(bytes: Uint8Array): string | undefined {
  // "HTTP/1.1 4", which most first answers are not.
  if (bytes.length > mostAnswerBytes || bytes[0] !== 0x48 || bytes[9] !== 0x34) return undefined;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  const [start, fields = ''] = head.exec(text) ?? [];
  if (start === undefined) return undefined;
  const lines = fields.toLowerCase().split('\r\n');
  if (!lines.includes(`content-type: ${problemContentType}`) || !lines.includes('connection: close')) return undefined;
  return codeInBody(text.slice(start.length));
}

/** The document says so itself, twice, and is not the longer one that an application makes of a refusal. */
export function codeInBody(text: string): string | undefined {
  const value = parsed(text);
  if (typeof value !== 'object' || value === null || 'evidence' in value) return undefined;
  if (!('code' in value) || !('type' in value) || typeof value.code !== 'string') return undefined;
  const { code, type } = value;
  return codes.test(code) && isRefusalCode(code) && type === `urn:countersign:refusal:${code}` ? code : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
