/** The transcript of a ceremony: a page for two people to compare and sign by hand, the same for programs, and the root's signature over both. */
import { toRfc3339 } from '../../../ground/clock/index.ts';
import { printable } from '../../../ground/errors/index.ts';
import { sha256Hex } from '../../../runtime/cryptography/index.ts';
import type { HeldKey } from '../../authority/index.ts';

export interface CeremonyStep {
  readonly atMs: number;
  /** One sentence. */
  readonly what: string;
}

export interface CeremonyFile {
  readonly name: string;
  readonly contents: string;
}

export interface Ceremony {
  readonly title: string;
  readonly trustDomain: string;
  readonly steps: readonly CeremonyStep[];
  /** What was carried in and out, and what stays with the root; never a key without its passphrase. */
  readonly files: readonly CeremonyFile[];
}

/** The three files of a transcript, by name. */
export interface TranscriptFiles {
  readonly text: string;
  readonly json: string;
  /** Over the JSON, which holds the SHA-256 of the text; as `openssl dgst -sha256 -verify` takes it. */
  readonly signature: Uint8Array;
}

export function writeTranscript(ceremony: Ceremony, root: HeldKey, name: string): TranscriptFiles {
  const text = pageOf(ceremony, root, name);
  const { certificate, privateKey } = root;
  const value = {
    version: 1,
    title: ceremony.title,
    trustDomain: ceremony.trustDomain,
    root: {
      subject: certificate.subject.text,
      serialNumber: certificate.serialNumber,
      keyIdentifier: certificate.subjectKeyIdentifier,
      sha256: sha256Hex(certificate.raw),
    },
    steps: ceremony.steps.map(({ atMs, what }) => ({ at: toRfc3339(atMs), what })),
    files: ceremony.files.map((file) => ({ name: file.name, sha256: sumOf(file) })),
    text: { name: `${name}.txt`, sha256: sumOf({ name, contents: text }) },
  };
  const json = `${JSON.stringify(value, undefined, 2)}\n`;
  return { text, json, signature: privateKey.sign(new TextEncoder().encode(json)) };
}

function sumOf({ contents }: CeremonyFile): string {
  return sha256Hex(new TextEncoder().encode(contents));
}

function pageOf({ title, trustDomain, steps, files }: Ceremony, { certificate }: HeldKey, name: string): string {
  const rule = '-'.repeat(76);
  return [
    'COUNTERSIGN: TRANSCRIPT OF A KEY CEREMONY',
    rule,
    `What           ${title}`,
    `Trust domain   ${printable(trustDomain)}`,
    `Root           ${printable(certificate.subject.text)}`,
    `Root's key     ${certificate.subjectKeyIdentifier ?? ''} (its identifier)`,
    `Root ends      ${toRfc3339(certificate.notAfter)}`,
    "Root's SHA-256, which every endpoint pins:",
    ...sumLines(sha256Hex(certificate.raw)),
    '',
    'STEPS (time in UTC)',
    rule,
    ...steps.flatMap(({ atMs, what }, index) => stepLines(index + 1, atMs, what)),
    '',
    'FILES, WITH THEIR SHA-256 (sha256sum FILE)',
    rule,
    ...files.flatMap((file) => [` ${printable(file.name)}`, ...sumLines(sumOf(file))]),
    '',
    'PRESENT: we saw these steps and compared these sums',
    rule,
    ...[1, 2].flatMap((person) => [
      '',
      '',
      ` ${String(person)}. ____________________________  ________________  _________________________`,
      '    Name                          Date              Signature',
    ]),
    '',
    rule,
    `The same for programs: ${name}.json, with the root's signature in`,
    `${name}.sig. To verify it:`,
    ' openssl x509 -in root.pem -pubkey -noout > root.pub',
    ' openssl dgst -sha256 -verify root.pub \\',
    `   -signature ${name}.sig ${name}.json`,
    '',
  ].join('\n');
}

/** In groups that two people can read to each other. */
function sumLines(sum: string): string[] {
  return [`   ${sum.replaceAll(/.{8}(?=.)/g, '$& ')}`];
}

function stepLines(number: number, atMs: number, what: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of printable(what).split(' ')) {
    if (line !== '' && line.length + 1 + word.length > 50) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  const head = ` ${String(number)}. ${toRfc3339(atMs).padEnd(22)}`;
  return [...lines, line].map((text, index) => (index === 0 ? head : ' '.repeat(26)) + text);
}
