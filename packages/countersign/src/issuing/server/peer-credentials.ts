/** Who is at the other end of a Unix socket, by the kernel's word. */
import type { Socket } from 'node:net';

import { Refusal } from '../../ground/errors/index.ts';

export interface PeerCredentials {
  readonly uid: number;
}

export type ReadPeerCredentials = (socket: Socket) => PeerCredentials;

/** socket(7), Linux: getsockopt(fd, SOL_SOCKET, SO_PEERCRED) fills struct ucred { pid_t pid; uid_t uid; gid_t gid; }. */
const solSocket = 1;
const soPeerCred = 17;
const ucredBytes = 12;

/** Never rejects: where it can not be asked, each caller is refused (CS-ACCESS-003), and everything else goes on. */
export async function loadPeerCredentials(): Promise<ReadPeerCredentials> {
  try {
    const { default: koffi } = await import('koffi');
    const library = koffi.load(null);
    return process.platform === 'darwin' ? darwin(library) : linux(library);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return () => {
      throw new Refusal('CS-ACCESS-003', { why }, { cause: error });
    };
  }
}

type Library = ReturnType<(typeof import('koffi'))['default']['load']>;

function linux(library: Library): ReadPeerCredentials {
  const getsockopt = library.func(
    'int getsockopt(int fd, int level, int name, _Out_ uint8_t *value, _Inout_ uint32_t *length)',
  );
  return (socket) => {
    const value = Buffer.alloc(ucredBytes);
    const length = [ucredBytes];
    const status = Number(getsockopt(descriptorOf(socket), solSocket, soPeerCred, value, length));
    if (status !== 0 || length[0] !== ucredBytes)
      throw new Refusal('CS-ACCESS-003', { why: 'getsockopt(SO_PEERCRED) failed' });
    return { uid: process.platform === 'linux' && value.readInt32LE(0) > 0 ? value.readUInt32LE(4) : unknownCaller() };
  };
}

/** getpeereid(3). */
function darwin(library: Library): ReadPeerCredentials {
  const getpeereid = library.func('int getpeereid(int fd, _Out_ uint32_t *uid, _Out_ uint32_t *gid)');
  return (socket) => {
    const [uid, gid] = [[0], [0]];
    if (Number(getpeereid(descriptorOf(socket), uid, gid)) !== 0)
      throw new Refusal('CS-ACCESS-003', { why: 'getpeereid failed' });
    return { uid: uid[0] ?? unknownCaller() };
  };
}

/** Node has no public way to it; absent, nobody is let in. */
function descriptorOf(socket: Socket): number {
  const { _handle: handle } = socket as { _handle?: { fd?: unknown } };
  if (typeof handle?.fd === 'number' && handle.fd >= 0) return handle.fd;
  throw new Refusal('CS-ACCESS-003', { why: 'the socket has no descriptor' });
}

function unknownCaller(): never {
  throw new Refusal('CS-ACCESS-003', { why: 'the kernel named no process' });
}
