/** Faults that keep an authority from starting: its files, its settings, its database, its address. */
import { chmod, cp, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { changePassphrase, type KeyPassphrases } from '../../../packages/countersign/src/issuing/server/index.ts';
import { generatePrivateKey } from '../../../packages/countersign/src/runtime/cryptography/index.ts';
import type { Fault } from './fault.ts';
import { type House, inAuthority, requireGoesOn, type Stopped, up } from './house.ts';
import type { Met } from './met.ts';

type Given = Omit<Fault, 'meet' | 'after' | 'typed'> & {
  /** @returns what takes the fault away */
  readonly breaks: (stopped: Stopped, house: House) => Promise<() => unknown>;
  readonly options?: (stopped: Stopped) => readonly string[];
};

/** A stopped authority is broken, started, mended, and goes on. */
function atTheStart({ breaks, options, ...said }: Given): Fault {
  let [state, mend]: [Stopped | undefined, (() => unknown) | undefined] = [undefined, undefined];
  return {
    ...said,
    typed: 'countersign up',
    meet: async (house): Promise<Met> => {
      state = await house.stopped();
      mend = await breaks(state, house);
      return up(state.dir, ...(options?.(state) ?? []));
    },
    after: async () => {
      await mend?.();
      if (state !== undefined) await requireGoesOn(state);
    },
  };
}

/** Puts other contents into a file; taken away, the old ones are back. */
async function replaced(path: string, contents: string | Uint8Array): Promise<() => Promise<void>> {
  const before = await readFile(path);
  await writeFile(path, contents);
  return () => writeFile(path, before);
}

async function withSettings(dir: string, text: string): Promise<() => Promise<void>> {
  const path = join(dir, 'authority.yaml');
  await writeFile(path, text, { mode: 0o600 });
  return () => writeFile(path, '');
}

export const faultsAtTheStart: readonly Fault[] = [
  atTheStart({
    name: "the issuer's key is readable by others",
    code: 'CS-KEY-001',
    status: 1,
    told: 'the file, its mode, and the command that closes it',
    words: [/issuer\.key\.pem/, /0?644/, /chmod (?:go-rwx|0?600) '?\//],
    remedy: /Type the command shown if nobody can have read it/,
    breaks: async ({ dir }) => {
      const path = inAuthority(dir, 'issuer.key.pem');
      await chmod(path, 0o644);
      return () => chmod(path, 0o600);
    },
  }),
  atTheStart({
    name: "the issuer's key file is no PEM",
    code: 'CS-STATE-002',
    status: 3,
    told: 'the file, and that what it holds is no key',
    words: [/issuer\.key\.pem/, /CS-PEM-00\d/],
    remedy: /last backup/,
    breaks: ({ dir }) => replaced(inAuthority(dir, 'issuer.key.pem'), 'hello\n'),
  }),
  atTheStart({
    name: "another certificate's key stands in its place",
    code: 'CS-STATE-002',
    status: 3,
    told: 'the two files that do not belong together',
    words: [/issuer\.pem/, /issuer\.key\.pem/, /do not belong together/],
    remedy: /last backup/,
    breaks: ({ dir }) => replaced(inAuthority(dir, 'issuer.key.pem'), generatePrivateKey('P-256').toPem()),
  }),
  atTheStart({
    name: 'the passphrase is another',
    code: 'CS-PASS-001',
    status: 1,
    told: 'the file that did not open, and where the passphrase came from',
    words: [/issuer\.key\.pem/, /given: /],
    ...encrypted('wrong.txt'),
  }),
  atTheStart({
    name: 'no passphrase is given',
    code: 'CS-PASS-002',
    status: 2,
    told: 'the file that is encrypted',
    words: [/issuer\.key\.pem/],
    remedy: /--passphrase-file/,
    ...encrypted(),
  }),
  atTheStart({
    name: 'the file of the passphrase is missing',
    code: 'CS-PASS-006',
    status: 3,
    told: 'the file that is missing',
    words: [/nowhere\.txt/],
    remedy: /Check the path/,
    ...encrypted('nowhere.txt'),
  }),
  atTheStart({
    name: "the root's certificate is missing",
    code: 'CS-STATE-010',
    status: 3,
    told: 'the file that is missing',
    words: [/root\.pem/],
    remedy: /Put it back.*Never make a new one/,
    breaks: async ({ dir }) => {
      const path = inAuthority(dir, 'root.pem');
      await rename(path, `${path}.away`);
      return () => rename(`${path}.away`, path);
    },
  }),
  atTheStart({
    name: 'all keys are missing, and the database is there',
    code: 'CS-STATE-002',
    status: 3,
    told: 'that the keys of certificates that were issued are missing; no new ones are made in their place',
    words: [/keys are missing/],
    remedy: /last backup/,
    breaks: async ({ dir }) => {
      await rename(join(dir, 'authority'), join(dir, 'away'));
      return () => rename(join(dir, 'away'), join(dir, 'authority'));
    },
  }),
  atTheStart({
    name: 'the settings were cut off',
    code: 'CS-SETTINGS-002',
    status: 2,
    told: 'the file and the line',
    words: [/authority\.yaml/, /line: 2\b/],
    remedy: /Correct the file at the line shown/,
    breaks: ({ dir }) => withSettings(dir, '# limits\nprofiles: {web: {names: [\n'),
  }),
  atTheStart({
    name: 'a setting that nothing reads',
    code: 'CS-SETTINGS-001',
    status: 2,
    told: 'the file, the line, the setting and the nearest one that there is',
    words: [/authority\.yaml/, /line: 2\b/, /setting: telemtry/, /nearest: telemetry/],
    remedy: /Correct the name on the line shown to the nearest one/,
    breaks: ({ dir }) => withSettings(dir, '# who looks on\ntelemtry: {}\n'),
  }),
  atTheStart({
    name: 'a setting of a profile that nothing reads',
    code: 'CS-SETTINGS-001',
    status: 2,
    told: 'the file, the line, the setting and the nearest one that there is',
    words: [/authority\.yaml/, /line: 3\b/, /setting: profiles\.web\.clr/, /nearest: crl/],
    remedy: /Correct the name on the line shown to the nearest one/,
    breaks: ({ dir }) => withSettings(dir, 'profiles:\n  web:\n    clr: [http://lists.internal/1.crl]\n'),
  }),
  atTheStart({
    name: "the authority's own record of itself was cut off",
    code: 'CS-STATE-002',
    status: 3,
    told: 'the file, and where it ends too soon',
    words: [/settings\.json/, /cut off or changed/],
    remedy: /last backup/,
    breaks: ({ dir }) => replaced(inAuthority(dir, 'settings.json'), '{"version": 1, "trustDo'),
  }),
  atTheStart({
    name: 'the port is in use',
    code: 'CS-AUTHORITY-007',
    status: 3,
    told: 'the address, and that another process has it',
    words: [/127\.0\.0\.1:\d+/, /another process listens there \(EADDRINUSE\)/],
    remedy: /--listen 127\.0\.0\.1:0/,
    ...takenPort(),
  }),
  atTheStart({
    name: 'a newer version has written the database',
    code: 'CS-STORE-001',
    status: 3,
    told: 'the version found, and the newest that is known here',
    words: [/authority\.db/, /found: 99/, /supported: \d/],
    remedy: /newer version/,
    breaks: async ({ dir }) => {
      const ask = (sql: string): void => {
        const database = new DatabaseSync(join(dir, 'authority.db'));
        database.exec(sql);
        database.close();
      };
      ask("INSERT INTO migration VALUES (99, 'from the future', 0)");
      return () => ask('DELETE FROM migration WHERE version = 99');
    },
  }),
  atTheStart({
    name: 'the database is readable by others',
    code: 'CS-STATE-011',
    status: 1,
    told: 'the file, its mode, and the command that closes it',
    words: [/authority\.db/, /0644/, /chmod 600/],
    remedy: /Type the command shown/,
    breaks: async ({ dir }) => {
      const path = join(dir, 'authority.db');
      await chmod(path, 0o644);
      return () => chmod(path, 0o600);
    },
  }),
  atTheStart({
    name: 'bytes of the database are flipped, after a clean end',
    code: 'CS-STORE-006',
    status: 3,
    told: 'the file, what is damaged, and how to go on with a backup and without',
    words: [/authority\.db/, /damage: /],
    remedy: /countersign authority restore.*Without any backup/,
    breaks: async ({ dir }) => {
      const path = join(dir, 'authority.db');
      const flipped = await readFile(path);
      for (let at = 4 * 4096; at < flipped.length; at += 5 * 4096) flipped.set([0xff, 0x5a, 0xa5, 0xff], at);
      return replaced(path, flipped);
    },
  }),
  atTheStart({
    name: 'the database is one of another program',
    code: 'CS-STORE-003',
    status: 3,
    told: 'the file, and that it is no database of the authority',
    words: [/authority\.db/, /another program/],
    remedy: /last backup/,
    breaks: async ({ dir }) => {
      const path = join(dir, 'authority.db');
      await rename(path, `${path}.away`);
      const other = new DatabaseSync(path);
      other.exec('CREATE TABLE recipe (cake TEXT)');
      other.close();
      await chmod(path, 0o600);
      return () => rename(`${path}.away`, path);
    },
  }),
  atTheStart({
    name: "another authority's database was put beside the keys",
    code: 'CS-STATE-002',
    status: 3,
    told: 'that the database is not the one of these keys',
    words: [/database is another/],
    remedy: /last backup/,
    breaks: async ({ dir }, house) => {
      const path = join(dir, 'authority.db');
      await rename(path, `${path}.away`);
      // As a running one has it: without its log, a copy is a database of some moment.
      await cp(join(house.authority.dir, 'authority.db'), path);
      await cp(join(house.authority.dir, 'authority.db-wal'), `${path}-wal`);
      return async () => {
        await rename(`${path}.away`, path);
        await writeFile(`${path}-wal`, '');
      };
    },
  }),
  atTheStart({
    name: 'the state directory can be written by others',
    code: 'CS-FILE-005',
    status: 1,
    told: 'the directory, its mode, and the command that closes it',
    words: [/777/, /chmod/],
    remedy: /Type the command shown/,
    breaks: async ({ dir }) => {
      await chmod(dir, 0o777);
      return () => chmod(dir, 0o700);
    },
  }),
  atTheStart({
    name: 'a directory stands where the local socket should be',
    code: 'CS-STATE-002',
    status: 3,
    told: 'the path, and that only a socket may stand there',
    words: [/authority\.sock/, /a socket, or nothing/],
    remedy: /undo that/,
    breaks: async ({ dir }) => {
      const path = join(dir, 'authority.sock');
      await mkdir(path);
      return () => rename(path, `${path}.away`);
    },
  }),
  {
    name: 'two processes on one state directory',
    typed: 'countersign up',
    code: 'CS-STATE-001',
    status: 3,
    told: 'the process that has it',
    words: [/authority\.db/, /holder: process FIRST/],
    remedy: /End that process first/,
    meet: async ({ authority }) => {
      const second = await up(authority.dir);
      return { ...second, text: second.text.replace(`process ${String(authority.pid)}`, 'process FIRST') };
    },
    after: async (house) => {
      await house.token(house.fresh());
    },
  },
];

/** The keys are put under a passphrase, and taken out again. @param given the file of the one that is given instead, in the state directory */
function encrypted(given?: string): Pick<Given, 'breaks' | 'options'> {
  const right = { text: 'the right one', from: 'this test' };
  const opened = (given?: typeof right): KeyPassphrases => ({
    given: async () => undefined,
    opening: async () => given,
  });
  return {
    breaks: async ({ dir }) => {
      await writeFile(join(dir, 'wrong.txt'), 'another one\n', { mode: 0o600 });
      await changePassphrase({ dir, current: opened(), next: async () => right });
      return () => changePassphrase({ dir, current: opened(right), next: async () => undefined });
    },
    options: ({ dir }) => (given === undefined ? [] : ['--passphrase-file', join(dir, given)]),
  };
}

function takenPort(): Pick<Given, 'breaks' | 'options'> {
  const holder = createServer().unref();
  return {
    breaks: async () => {
      await new Promise<void>((done) => holder.listen(0, '127.0.0.1', done));
      return () => new Promise<void>((done) => holder.close(() => done()));
    },
    options: () => ['--listen', `127.0.0.1:${String((holder.address() as AddressInfo).port)}`],
  };
}
