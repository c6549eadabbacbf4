/** The file of evidence: JSON lines, the first of which says whose and from where, the others the entries. */
import { z } from 'zod';

import { Refusal } from '../../ground/errors/index.ts';
import { type AuditEntry, fromAuditLine } from '../../runtime/audit/index.ts';
import { auditLine } from '../../runtime/api/index.ts';
import type { World } from '../call.ts';
import { readInput } from '../input/read-input.ts';

/** A gateway whose record of decisions follows the log. */
export interface EvidenceOfGateway {
  name: string;
  /** SubjectPublicKeyInfo in base64: those that signed. */
  publicKeys: string[];
  from: number;
  through: number;
  /** Lines in its folder that were no entries. */
  unreadable: number;
}

export interface EvidenceHead {
  evidence: 'countersign-audit';
  version: 1;
  partner: string;
  spiffeId: string;
  trustDomain: string;
  /** PEM. */
  roots: string[];
  /** Numbers of the first and the last entry. */
  from: number;
  through: number;
  gateways?: EvidenceOfGateway[] | undefined;
}

const head: z.ZodType<EvidenceHead> = z.strictObject({
  evidence: z.literal('countersign-audit'),
  version: z.literal(1),
  partner: z.string(),
  spiffeId: z.string(),
  trustDomain: z.string(),
  roots: z.array(z.string()),
  from: z.int().min(1),
  through: z.int().min(0),
  gateways: z
    .array(
      z.strictObject({
        name: z.string(),
        publicKeys: z.array(z.string()),
        from: z.int().min(0),
        through: z.int().min(0),
        unreadable: z.int().min(0),
      }),
    )
    .optional(),
});

/** An entry of a gateway: of the first of them, the second... */
const gatewayLine = z.strictObject({ gateway: z.int().min(0), entry: auditLine });

/** Own choice: some hundred thousand entries. */
const mostBytes = 256 * 1024 * 1024;

export interface Evidence {
  readonly head: EvidenceHead;
  readonly entries: readonly AuditEntry[];
  /** Of each gateway of the head. */
  readonly gateways: readonly (readonly AuditEntry[])[];
}

/** @throws CS-FILE-003 where it is none */
export async function readEvidence(name: string, world: World): Promise<Evidence> {
  const text = new TextDecoder().decode(await readInput(name, world, mostBytes));
  const [first = '', ...lines] = text.split('\n').filter((line) => line !== '');
  const said = head.safeParse(parsed(first));
  if (!said.success)
    throw new Refusal('CS-FILE-003', {
      ...{ path: name, place: 'line 1', problem: 'not the head of a file of evidence' },
    });
  const gateways = (said.data.gateways ?? []).map((): AuditEntry[] => []);
  const entries = lines.flatMap((line, at) => {
    const value = parsed(line);
    const ofGateway = gatewayLine.safeParse(value);
    if (ofGateway.success && gateways[ofGateway.data.gateway] !== undefined) {
      gateways[ofGateway.data.gateway]?.push(fromAuditLine(ofGateway.data.entry));
      return [];
    }
    const read = auditLine.safeParse(value);
    if (!read.success)
      throw new Refusal('CS-FILE-003', { path: name, place: `line ${String(at + 2)}`, problem: 'not an entry' });
    return fromAuditLine(read.data);
  });
  return { head: said.data, entries, gateways };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
