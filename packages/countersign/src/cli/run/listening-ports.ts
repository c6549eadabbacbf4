/** The TCP ports that a program and the programs that it started listen on, as /proc tells them (proc(5)). */
import { readdir, readFile, readlink } from 'node:fs/promises';

export interface ListeningPort {
  /** `127.0.0.1`, `0.0.0.0`, `::1`, `::`, or another address. */
  readonly address: string;
  readonly port: number;
}

/** Empty where there is no /proc. */
export async function listeningPorts(pid: number): Promise<readonly ListeningPort[]> {
  const sockets = await socketsOf(await withDescendants(pid));
  if (sockets.size === 0) return [];
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((name) => readFile(`/proc/${pid}/net/${name}`, 'utf8').catch(() => '')),
  );
  return tables.flatMap((table) => listeners(table)).flatMap(({ inode, ...at }) => (sockets.has(inode) ? [at] : []));
}

async function withDescendants(pid: number): Promise<readonly number[]> {
  const names = await readdir('/proc').catch(() => []);
  const parents = new Map<number, number>();
  for (const name of names.filter((one) => /^\d+$/.test(one))) {
    const parent = await parentOf(name);
    if (parent !== undefined) parents.set(Number(name), parent);
  }
  const found = [pid];
  for (const one of found) {
    for (const [child, parent] of parents) if (parent === one && !found.includes(child)) found.push(child);
  }
  return found;
}

async function parentOf(pid: string): Promise<number | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The second field is the program's name in parentheses, which may hold anything.
  return stat === undefined ? undefined : Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

async function socketsOf(pids: readonly number[]): Promise<ReadonlySet<string>> {
  const inodes = new Set<string>();
  for (const pid of pids) {
    const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
    for (const descriptor of descriptors) {
      const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '');
      const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
      if (inode !== undefined) inodes.add(inode);
    }
  }
  return inodes;
}

/** TCP_LISTEN of the kernel's net/tcp_states.h. */
const listening = '0A';

/** @param table of /proc/net/tcp or tcp6 */
export function listeners(table: string): readonly (ListeningPort & { readonly inode: string })[] {
  return table
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
      const [address = '', port = ''] = local.split(':');
      return state === listening ? [{ address: addressOf(address), port: Number.parseInt(port, 16), inode }] : [];
    });
}

/** Words of 32 bits in the byte order of the machine, which is little-endian wherever Node runs this. */
function addressOf(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).reverse());
  if (bytes.length === 4) return bytes.map((byte) => Number.parseInt(byte, 16)).join('.');
  const text = bytes.join('');
  if (/^0{32}$/.test(text)) return '::';
  if (/^0{31}1$/.test(text)) return '::1';
  if (text.startsWith('00000000000000000000ffff'))
    return bytes
      .slice(12)
      .map((byte) => Number.parseInt(byte, 16))
      .join('.');
  return text.match(/.{4}/g)?.join(':') ?? text;
}

export function isOnThisMachineAlone({ address }: ListeningPort): boolean {
  return address === '::1' || address.startsWith('127.');
}
