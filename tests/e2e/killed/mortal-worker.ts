/** The body of the database's thread, with the database made mortal: it ends the process between statements and commit, and after the commit. */
import { flushCompileCache } from 'node:module';
import { DatabaseSync, StatementSync } from 'node:sqlite';
import { workerData } from 'node:worker_threads';
import { fuse, writes } from './steps.ts';

const { mortal } = workerData as { mortal: { body: string; memory: SharedArrayBuffer } };
const { pass } = fuse(mortal.memory);
const written = new Set<string>();

const { exec } = DatabaseSync.prototype;
DatabaseSync.prototype.exec = function (sql: string): void {
  const commits = /^\s*COMMIT\b/i.test(sql);
  if (commits) for (const what of written) pass(`${what}-written`);
  exec.call(this, sql);
  if (commits) for (const what of written) pass(`${what}-committed`);
  if (commits || /^\s*ROLLBACK\s*(;|$)/i.test(sql)) written.clear();
};

type Run = (this: StatementSync, ...parameters: unknown[]) => ReturnType<StatementSync['run']>;
const run = StatementSync.prototype.run as unknown as Run;
const noting: Run = function (...parameters) {
  const outcome = run.apply(this, parameters);
  for (const [what, pattern] of Object.entries(writes)) if (pattern.test(this.sourceSQL)) written.add(what);
  return outcome;
};
StatementSync.prototype.run = noting;

await import(mortal.body);
// A process that is killed writes nothing at its end, and what a thread alone loads only the thread knows.
flushCompileCache();
