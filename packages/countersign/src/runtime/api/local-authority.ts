/** The authority of a state directory, over its Unix socket: who may open the socket is its owner. */
import { join } from 'node:path';

import { Agent } from 'undici';

import { type Clock, systemClock } from '../../ground/clock/index.ts';
import { isRefusal, Refusal } from '../../ground/errors/index.ts';
import { socketPath } from '../config/index.ts';
import {
  eraseAudit,
  type EraseAuditRequest,
  type EraseAuditResponse,
  readAudit,
  type ReadAuditRequest,
  type ReadAuditResponse,
  recordAuditExport,
  type RecordAuditExportRequest,
  type RecordAuditExportResponse,
} from './audit.ts';
import { authorityStatus, type AuthorityStatus } from './authority-status.ts';
import { createToken, type CreateTokenRequest, type CreateTokenResponse } from './create-token.ts';
import { startDeadline } from './deadline.ts';
import { exchange } from './exchange.ts';
import { listCertificates, type ListCertificatesRequest, type ListCertificatesResponse } from './list-certificates.ts';
import { localSocketName } from './local-socket.ts';
import type { Operation } from './operation.ts';
import { profileRenewals, type ProfileRenewalsRequest, type ProfileRenewalsResponse } from './profile-renewals.ts';
import { revokeOperation, type RevokeRequest, type RevokeResponse } from './revoke.ts';

export interface LocalAuthority {
  createToken(request: CreateTokenRequest): Promise<CreateTokenResponse>;
  listCertificates(request: ListCertificatesRequest): Promise<ListCertificatesResponse>;
  revoke(request: RevokeRequest): Promise<RevokeResponse>;
  profileRenewals(request: ProfileRenewalsRequest): Promise<ProfileRenewalsResponse>;
  readAudit(request: ReadAuditRequest): Promise<ReadAuditResponse>;
  recordAuditExport(request: RecordAuditExportRequest): Promise<RecordAuditExportResponse>;
  eraseAudit(request: EraseAuditRequest): Promise<EraseAuditResponse>;
  status(): Promise<AuthorityStatus>;
  close(): Promise<void>;
}

/** A revocation waits for endpoints, each until its lease ends at most; the rest answer at once. */
const revocationLimitMs = 60_000;

/** Every certificate on record is looked at: a million take half a minute. */
const longScanLimitMs = 120_000;
/** The whole log is looked through: about a second for a million entries. */
const erasureLimitMs = 60_000;

export function openLocalAuthority(stateDirectory: string, clock: Clock = systemClock): LocalAuthority {
  const socket = join(stateDirectory, localSocketName);
  const path = reachableSocket(socket);
  const dispatcher = new Agent({ allowH2: false, connections: 4, connect: { socketPath: path.path } });
  const connection = { dispatcher, url: 'http://authority', address: socket };
  const ask = async <Q, A>(operation: Operation<Q, A>, request: Q, limitMs?: number): Promise<A> => {
    const deadline = startDeadline(clock, limitMs);
    try {
      return (await exchange(operation, request, connection, deadline)).value;
    } catch (error) {
      throw notRunning(error, socket);
    } finally {
      deadline.cancel();
    }
  };
  return {
    createToken: (request) => ask(createToken, request),
    listCertificates: (request) => ask(listCertificates, request),
    revoke: (request) => ask(revokeOperation, request, revocationLimitMs),
    profileRenewals: (request) => ask(profileRenewals, request, longScanLimitMs),
    readAudit: (request) => ask(readAudit, request),
    recordAuditExport: (request) => ask(recordAuditExport, request),
    eraseAudit: (request) => ask(eraseAudit, request, erasureLimitMs),
    status: () => ask(authorityStatus, {}),
    close: async () => {
      await dispatcher.destroy();
      path.release();
    },
  };
}

function reachableSocket(socket: string): ReturnType<typeof socketPath> {
  try {
    return socketPath(socket);
  } catch (error) {
    throw notRunning(error, socket);
  }
}

/** Where nobody listens, or we may not ask, the way out is another one than for an authority on the network. */
function notRunning(error: unknown, socket: string): unknown {
  if (!isRefusal(error) || (error.code !== 'CS-NET-001' && error.code !== 'CS-FILE-001')) return error;
  const reason = String(error.evidence['reason'] ?? 'ENOENT');
  if (reason === 'EACCES' || reason === 'EPERM') {
    return new Refusal('CS-FILE-002', { path: socket, reason }, { cause: error });
  }
  return new Refusal('CS-NET-004', { socket, reason }, { cause: error });
}
