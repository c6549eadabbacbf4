/** The results for a person: a table, who is not in it and why, and each goal as met or missed. */
import type { Outcome, Results } from './scenario.ts';

export function printReport({ measurements, outcomes, absences, notes }: Results): void {
  if (measurements.length > 0) console.table(measurements);
  for (const { scenario, name, absent } of absences) console.log(`${scenario}: without ${name}: ${absent}`);
  for (const note of notes) console.log(note);
  for (const outcome of outcomes) console.log(outcomeLine(outcome));
}

function outcomeLine({ scenario, goal, bound, limit, value, met }: Outcome): string {
  return `${met ? 'met   ' : 'MISSED'} ${scenario}: ${goal}: ${value}, goal ${bound} ${limit}`;
}
