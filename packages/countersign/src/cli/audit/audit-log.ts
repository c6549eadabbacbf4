/** The audit log that a call means: the running authority's, page by page, or that of the database where none runs. */
import { isRefusal } from '../../ground/errors/index.ts';
import { readCertificatesPem } from '../../identity/x509/index.ts';
import { type AuditEntry, type AuditHead, fromAuditLine } from '../../runtime/audit/index.ts';
import { openLocalAuthority, type AdministeredAuthority } from '../../runtime/api/index.ts';
import { withAuthority } from '../administered-authority.ts';
import type { Call } from '../call.ts';
import { stateDirectoryOf } from '../local-authority.ts';
import { databaseFile } from '../up/database-file.ts';
import type { AuditHierarchy } from './witness-files.ts';

export interface AuditPage {
  readonly entries: readonly AuditEntry[];
  readonly head: AuditHead;
  readonly counted: number;
}

export interface AuditLog {
  /** The authority, where it runs. */
  readonly running: AdministeredAuthority | undefined;
  /** @param limit default 500, the most that the authority gives at once */
  read(from: number, limit?: number): Promise<AuditPage>;
  /** `undefined` where there are no keys. */
  hierarchy(): Promise<AuditHierarchy | undefined>;
}

const pageSize = 500;

export async function withAuditLog<T>(call: Call, work: (log: AuditLog) => Promise<T>): Promise<T> {
  const { options } = call;
  if (options.given('authority') || options.given('credential'))
    return withAuthority(call, (running) => work(logOf(running)));
  const dir = stateDirectoryOf(call);
  const authority = await runningAuthority(call, dir);
  if (authority === undefined) return withFile(dir, work);
  try {
    return await work(logOf(authority));
  } finally {
    await authority.close();
  }
}

/** Every entry from `from` on up to the head as it was at the first page. */
export async function* pagesOf(log: AuditLog, from: number): AsyncGenerator<AuditPage> {
  let next = from;
  let through: number | undefined;
  for (;;) {
    const page = await log.read(next);
    through ??= page.head.sequence;
    const end = through;
    const entries = page.entries.filter(({ sequence }) => sequence <= end);
    yield { ...page, entries };
    const last = entries.at(-1);
    if (last === undefined || entries.length < page.entries.length || last.sequence >= end) return;
    next = last.sequence + 1;
  }
}

async function runningAuthority(call: Call, dir: string): Promise<AdministeredAuthority | undefined> {
  let authority: AdministeredAuthority | undefined;
  try {
    authority = openLocalAuthority(dir, call.world.clock);
    await authority.status();
    return authority;
  } catch (error) {
    await authority?.close();
    if (isRefusal(error) && error.code === 'CS-NET-004') return undefined;
    throw error;
  }
}

function logOf(running: AdministeredAuthority): AuditLog {
  return {
    running,
    read: (from, limit) => askFor(running, from, limit),
    hierarchy: async () => {
      const { authority } = await running.readAudit({ from: 1, limit: 1 });
      const { trustDomain, roots } = authority;
      return { trustDomain, roots: roots.flatMap((pem) => readCertificatesPem(pem)) };
    },
  };
}

async function hierarchyIn(dir: string): Promise<AuditHierarchy | undefined> {
  const { readHierarchy } = await import('../../issuing/server/index.ts');
  const found = await readHierarchy(dir);
  return found === undefined ? undefined : { trustDomain: found.trustDomain, roots: [found.anchor] };
}

async function askFor(authority: AdministeredAuthority, from: number, limit: number = pageSize): Promise<AuditPage> {
  const { entries, head, counted } = await authority.readAudit({ from, limit });
  const { sequence, hash, at: atMs } = head;
  return { entries: entries.map(fromAuditLine), head: { sequence, hash, atMs }, counted };
}

/** The database is loaded where it is needed: help, and a running authority, do without it. */
async function withFile<T>(dir: string, work: (log: AuditLog) => Promise<T>): Promise<T> {
  const { openAuditFile } = await import('../../store/sqlite/index.ts');
  const { file } = await databaseFile(dir);
  const opened = openAuditFile(file);
  try {
    return await work({
      running: undefined,
      read: async (from, limit = pageSize) => ({
        entries: opened.read(from, limit),
        head: opened.head(),
        counted: opened.counted(),
      }),
      hierarchy: () => hierarchyIn(dir),
    });
  } finally {
    opened.close();
  }
}
