/** What is wrong with a log, in words. */
import type { AuditFinding } from '../../runtime/audit/index.ts';

export function findingWords(finding: AuditFinding): string {
  const { sequence } = finding;
  switch (finding.kind) {
    case 'changed':
      return `entry ${sequence} was changed: its contents are not those that its hash was made of`;
    case 'personal-changed':
      return `entry ${sequence}: the value of "${finding.field}" was changed`;
    case 'replaced':
      return `entry ${sequence} was replaced: the one after it was chained to another`;
    case 'dropped':
      return `${range(sequence, finding.through)} missing`;
    case 'inserted':
      return `an entry ${sequence} was inserted: there is another with this number`;
    case 'reordered':
      return `entry ${sequence} stands in another place than its number says`;
    case 'truncated':
      return `${range(sequence, finding.through)} missing at the end, says ${finding.witness}`;
    case 'erased-unrecorded':
      return `${finding.fields} personal values were erased of which no entry tells`;
    case 'contradicted':
      return `entry ${sequence} is another than ${finding.witness} remembers: rewritten after ${finding.agrees} at the earliest known`;
  }
}

function range(first: number, last: number): string {
  return first === last ? `entry ${first} is` : `entries ${first} to ${last} are`;
}
