/** Reads what a gateway has written down: every entry in the order of its files, and what there is no entry. */
import { open } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { Refusal } from '../../../ground/errors/index.ts';
import { type AuditEntry, withoutValues } from '../../../runtime/audit/index.ts';
import { readFailure } from '../../../runtime/config/index.ts';
import { parseDecision } from './decision.ts';
import { decisionField, evidenceActions } from './evidence-event.ts';
import { dayFile, daysIn, parseEntry } from './evidence-folder.ts';

export interface EvidenceQuestion {
  readonly partner: string;
  /** As the authority names its certificates. */
  readonly spiffeId: string;
  /** Milliseconds since 1970. */
  readonly fromMs: number;
  readonly untilMs: number;
}

/** What one gateway has written about a partner, as an export holds it. */
export interface GatewayEvidence {
  /** The folder's name. */
  readonly name: string;
  /** SubjectPublicKeyInfo in base64: those that sign its checkpoints. */
  readonly publicKeys: readonly string[];
  readonly entries: readonly AuditEntry[];
  readonly about: number;
  /** Lines that are no entries: cut off, or changed beyond reading. */
  readonly unreadable: number;
}

/**
 * All entries of a time, so that the chain can be followed, and those written first after it, up to their checkpoint: decisions are written down later than
 * they were made. Decisions about others are without what they say.
 * @throws CS-FILE-001 where there is no evidence, CS-FILE-...
 */
export async function gatewayEvidence(folder: string, question: EvidenceQuestion): Promise<GatewayEvidence> {
  const days = await daysIn(folder);
  if (days.length === 0) throw new Refusal('CS-FILE-001', { path: folder });
  const publicKeys = new Set<string>();
  const entries: AuditEntry[] = [];
  let [about, unreadable, isOver] = [0, 0, false];
  for (const day of days)
    for await (const line of linesOf(dayFile(folder, day))) {
      const entry = parseEntry(line);
      if (entry === undefined) {
        unreadable += 1;
        continue;
      }
      const { publicKey } = entry.facts;
      if (typeof publicKey === 'string') publicKeys.add(publicKey);
      if (isOver || (entries.length === 0 && entry.atMs < question.fromMs)) continue;
      isOver = entry.atMs > question.untilMs && entry.action === evidenceActions.checkpoint;
      const isAbout = isAboutPartner(entry, question);
      about += isAbout ? 1 : 0;
      entries.push(isAbout ? entry : { ...entry, personal: withoutValues(entry.personal, [decisionField]) });
    }
  return { name: basename(resolve(folder)), publicKeys: [...publicKeys], entries, about, unreadable };
}

function isAboutPartner({ personal }: AuditEntry, { partner, spiffeId }: EvidenceQuestion): boolean {
  const said = parseDecision(personal[decisionField]?.value ?? '');
  return said !== undefined && (said.partner === partner || said.peer === spiffeId);
}

async function* linesOf(path: string): AsyncGenerator<string> {
  try {
    const file = await open(path, 'r');
    try {
      yield* file.readLines();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw readFailure(error, path);
  }
}
