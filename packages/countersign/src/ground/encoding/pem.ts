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

const boundaryForm = /^-----(BEGIN|END) ([A-Z0-9](?:[A-Z0-9 -]*[A-Z0-9])?)-----$/;

interface OpenBlock {
  readonly label: string;
  readonly line: number;
  readonly body: string[];
}

/** Every block of `text`, in order; text between blocks is explanatory and passed over (RFC 7468, 2). At least one. */
export function parsePem(text: string): PemBlock[] {
  if (text.length > mostCharacters) throw malformed(1, `longer than ${mostCharacters} characters`);
  const blocks: PemBlock[] = [];
  let open: OpenBlock | undefined;
  let number = 0;
  for (const raw of text.split(/\r\n|\n|\r/)) {
    number++;
    const line = raw.trimEnd();
    const boundary = readBoundary(line, number);
    if (boundary === undefined) {
      open?.body.push(line);
    } else if (boundary.kind === 'BEGIN') {
      if (open !== undefined) throw malformed(number, 'a boundary inside a block');
      open = { label: boundary.label, line: number, body: [] };
    } else {
      if (open === undefined) throw malformed(number, 'END without BEGIN');
      blocks.push(closed(open, boundary.label, number));
      open = undefined;
    }
  }
  if (open !== undefined) throw malformed(open.line, 'BEGIN without END: the text is cut off');
  if (blocks.length === 0) throw malformed(1, emptyReason(text));
  return blocks;
}

function readBoundary(line: string, number: number): { kind: string; label: string } | undefined {
  if (!line.startsWith('-----')) {
    // trimStart takes a byte order mark away, too.
    if (!line.endsWith('-----') || !boundaryForm.test(line.trimStart())) return undefined;
    throw malformed(number, 'spaces or a byte order mark before a boundary');
  }
  const [, kind, label] = boundaryForm.exec(line) ?? [];
  if (kind === undefined || label === undefined) throw malformed(number, 'a boundary that is neither BEGIN nor END');
  return { kind, label };
}

/** One block, base64 in lines of 64 characters, ending with a line end. */
export function encodePem(label: string, bytes: Uint8Array): string {
  const lines = toBase64(bytes).match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

function closed(open: OpenBlock, label: string, line: number): PemBlock {
  if (label !== open.label) throw malformed(line, `END ${label} closes BEGIN ${open.label}`);
  if (open.body.some((part) => part.includes(':')))
    throw malformed(open.line + 1, 'headers inside a block (an encrypted key in the old form?)');
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
