/** PEM as RFC 7468 defines it: text blocks of base64 between labelled boundaries. */
import { Refusal } from '../errors/index.ts';
import { fromBase64, toBase64 } from './base64.ts';

export interface PemBlock {
  /** What stands between "BEGIN" and the dashes: "CERTIFICATE". */
  readonly label: string;
  readonly bytes: Uint8Array;
}

/** Characters of a PEM text; a bundle of a thousand certificates is about 2 MB. Beyond it somebody gave the wrong file. */
const mostCharacters = 8 * 1024 * 1024;

const begin = /^-----BEGIN ([A-Z0-9](?:[A-Z0-9 -]*[A-Z0-9])?)-----$/;
const end = /^-----END ([A-Z0-9](?:[A-Z0-9 -]*[A-Z0-9])?)-----$/;

/** Every block of `text`, in order; text between blocks is explanatory and passed over (RFC 7468, 2). At least one. */
export function parsePem(text: string): PemBlock[] {
  if (text.length > mostCharacters) throw malformed(1, `longer than ${mostCharacters} characters`);
  const lines = text.split(/\r\n|\n|\r/);
  const blocks: PemBlock[] = [];
  let open: { label: string; line: number; body: string[] } | undefined;
  for (const [index, raw] of lines.entries()) {
    const line = raw.trimEnd();
    const started = begin.exec(line)?.[1];
    const ended = end.exec(line)?.[1];
    if (open === undefined) {
      if (ended !== undefined) throw malformed(index + 1, 'END without BEGIN');
      if (started !== undefined) open = { label: started, line: index + 1, body: [] };
      else if (line.startsWith('-----')) throw malformed(index + 1, 'a boundary that is neither BEGIN nor END');
    } else if (ended !== undefined) {
      blocks.push(closed(open, ended, index + 1));
      open = undefined;
    } else {
      if (started !== undefined || line.startsWith('-----')) throw malformed(index + 1, 'a boundary inside a block');
      open.body.push(line);
    }
  }
  if (open !== undefined) throw malformed(open.line, 'BEGIN without END: the text is cut off');
  if (blocks.length === 0) throw malformed(1, emptyReason(text));
  return blocks;
}

/** One block, base64 in lines of 64 characters, ending with a line end. */
export function encodePem(label: string, bytes: Uint8Array): string {
  const lines = toBase64(bytes).match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

function closed(open: { label: string; line: number; body: string[] }, label: string, line: number): PemBlock {
  if (label !== open.label) throw malformed(line, `END ${label} closes BEGIN ${open.label}`);
  if (open.body.some((part) => part.includes(':'))) throw malformed(open.line + 1, 'headers inside a block (an encrypted key in the old form?)');
  const bytes = fromBase64(open.body.join('').replaceAll(/[ \t]/g, ''));
  if (bytes === undefined) throw malformed(open.line + 1, 'the body is not canonical base64');
  if (bytes.length === 0) throw malformed(open.line, 'the block is empty');
  return { label, bytes };
}

function emptyReason(text: string): string {
  if (text.trim() === '') return 'the text is empty';
  return text.includes('\\n') ? 'line ends are written as the two characters "\\n"' : 'there is no "-----BEGIN" line';
}

function malformed(line: number, rule: string): Refusal {
  return new Refusal('CS-PEM-001', { line, rule });
}
