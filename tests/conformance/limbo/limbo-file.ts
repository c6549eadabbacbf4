/** A file in the form of x509-limbo: its cases, and those that could not be read, none left out. */
import { z } from 'zod';
import type { PeerName } from '../../../packages/countersign/src/identity/x509/index.ts';
import { CannotRun } from '../runner-command.ts';
import { readVectorJson } from '../vector-file.ts';

export interface LimboCase {
  readonly id: string;
  readonly features: readonly string[];
  /** Cases that ask the opposite of the same certificates. */
  readonly conflictsWith: readonly string[];
  /** SERVER: a client looks at a server; CLIENT: the other way. */
  readonly kind: 'SERVER' | 'CLIENT';
  /** PEM, as are `intermediates` and `leaf`. */
  readonly anchors: readonly string[];
  readonly intermediates: readonly string[];
  readonly leaf: string;
  /** Milliseconds since 1970; without it, now. */
  readonly at?: number;
  readonly names: readonly PeerName[];
  readonly keyUsage: readonly string[];
  readonly extendedKeyUsage: readonly string[];
  readonly signatureAlgorithms: readonly string[];
  readonly mostIntermediates?: number;
  /** Revocation lists, PEM; `undefined` where revocation is not asked about. */
  readonly lists?: readonly string[];
  readonly valid: boolean;
}

export interface UnreadableCase {
  /** The case's own, or its place in the file. */
  readonly id: string;
  readonly unreadable: string;
}

const texts = z.array(z.string()).nullish();

const kinds = { DNS: 'dns', IP: 'ip', RFC822: 'email', URI: 'uri' } as const;

const peerName = z.object({ kind: z.enum(['DNS', 'IP', 'RFC822', 'URI']), value: z.string() });

const caseForm = z.object({
  id: z.string().min(1),
  features: texts,
  conflicts_with: texts,
  validation_kind: z.enum(['SERVER', 'CLIENT']),
  trusted_certs: z.array(z.string()),
  untrusted_intermediates: texts,
  peer_certificate: z.string(),
  validation_time: z.iso.datetime({ offset: true }).nullish(),
  expected_peer_name: peerName.nullish(),
  expected_peer_names: z.array(peerName).nullish(),
  key_usage: texts,
  extended_key_usage: texts,
  signature_algorithms: texts,
  max_chain_depth: z.int().min(0).nullish(),
  crls: texts,
  expected_result: z.enum(['SUCCESS', 'FAILURE']),
});

const fileForm = z.object({ testcases: z.array(z.unknown()) });

/** Throws `CannotRun` for a file that is not of this form. */
export function readLimboFile(path: string): (LimboCase | UnreadableCase)[] {
  const file = fileForm.safeParse(readVectorJson(path));
  if (!file.success) {
    const remedy = 'Give a file with a list "testcases" at its top, as limbo.json of x509-limbo has it.';
    throw new CannotRun(3, `${path} is not in the form of x509-limbo: ${problems(file.error)}`, remedy);
  }
  return file.data.testcases.map(readCase);
}

export function isUnreadable(item: LimboCase | UnreadableCase): item is UnreadableCase {
  return 'unreadable' in item;
}

function readCase(value: unknown, index: number): LimboCase | UnreadableCase {
  const read = caseForm.safeParse(value);
  if (!read.success) return { id: idOf(value) ?? `case ${index + 1}`, unreadable: problems(read.error) };
  const { data } = read;
  return {
    id: data.id,
    features: data.features ?? [],
    conflictsWith: data.conflicts_with ?? [],
    kind: data.validation_kind,
    anchors: data.trusted_certs,
    intermediates: data.untrusted_intermediates ?? [],
    leaf: data.peer_certificate,
    ...(typeof data.validation_time === 'string' ? { at: Date.parse(data.validation_time) } : {}),
    names: [data.expected_peer_name ?? [], data.expected_peer_names ?? []]
      .flat()
      .map(({ kind, value: name }) => ({ kind: kinds[kind], value: name })),
    keyUsage: data.key_usage ?? [],
    extendedKeyUsage: data.extended_key_usage ?? [],
    signatureAlgorithms: data.signature_algorithms ?? [],
    ...(typeof data.max_chain_depth === 'number' ? { mostIntermediates: data.max_chain_depth } : {}),
    ...((data.crls ?? []).length > 0 || data.features?.includes('has-crl') === true ? { lists: data.crls ?? [] } : {}),
    valid: data.expected_result === 'SUCCESS',
  };
}

function idOf(value: unknown): string | undefined {
  const { id } = (value ?? {}) as { id?: unknown };
  return typeof id === 'string' && id !== '' ? id : undefined;
}

function problems({ issues }: z.ZodError): string {
  return issues
    .map(({ path, message }) => [path.join('.'), message].filter((part) => part !== '').join(': '))
    .join('; ');
}
