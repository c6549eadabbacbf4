/** The entries of a gateway's evidence: what each says in its facts, and what a checkpoint signs. */

export const evidenceActions = {
  /** The gateway has begun to write: with which key; and what of an earlier run is missing. */
  begin: 'evidence.begin',
  /** The first of a day's file: with which key. */
  day: 'evidence.day',
  decision: 'evidence.decision',
  /** What was decided in a time is not known, or not all of it. */
  gap: 'evidence.gap',
  /** Older days were removed, as the configuration says. */
  discard: 'evidence.discard',
  checkpoint: 'evidence.checkpoint',
  end: 'evidence.end',
} as const;

/** The personal value of a decision. */
export const decisionField = 'decision';

const utf8 = new TextEncoder();

/** What the key of the gateway signs: the hash stands for all entries up to this number. */
export function checkpointBytes(sequence: number, hash: string): Uint8Array {
  return utf8.encode(`countersign gateway evidence\n${String(sequence)}\n${hash}\n`);
}
