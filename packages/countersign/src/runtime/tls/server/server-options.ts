/** What a server of mutual TLS is given. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { Clock } from '../../../ground/clock/index.ts';
import type { Refusal } from '../../../ground/errors/index.ts';
import type { CredentialSource } from '../context/credential.ts';
import type { NamedCredentials } from '../context/named-credentials.ts';
import type { VerifiedPeer } from '../peer/verified-peer.ts';
import type { CrowdLimits } from './crowd.ts';
import type { Remote } from '../remote.ts';
import type { SlowReaderLimits } from './slow-readers.ts';
import type { NamedStaples, StapleSource } from './staples.ts';
import type { MinimumVersion } from '../context/tls-profile.ts';
import type { Trust } from '../trust/trust.ts';

export interface ServerOptions {
  readonly trust: Trust;
  /** One for everybody, or several by server name. Whoever the client asks for, the policy of this server is the same. */
  readonly credentials: CredentialSource | NamedCredentials;
  readonly clock: Clock;
  /**
   * The OCSP response that is presented beside the certificate to clients that ask for one (RFC 6066, 8); by server name where credentials are. One about
   * another certificate, or that ran out, is left out.
   */
  readonly staple?: StapleSource | NamedStaples;
  /**
   * Default `required`. With `optional` the handler decides by `optionalPeerOf`: for an authority whom strangers must reach to enrol. With `none` the
   * handshake asks for no certificate, so that no browser shows a choice of them, and everybody is a stranger.
   */
  readonly clientCertificate?: 'required' | 'optional' | 'none';
  /** Default TLSv1.3. */
  readonly minVersion?: MinimumVersion;
  /** From the TCP connection to the end of the handshake. Default 10 s. */
  readonly handshakeTimeoutMs?: number;
  /** Until the header of a request is there; over HTTP/2 until the first one is. Default 15 s. */
  readonly headerMs?: number;
  /**
   * How long a client's connection may live, one without a certificate (where that is optional) as well; it is given up ahead of that, and closed then.
   * Default: as long as its certificates.
   */
  readonly longestLifeMs?: number;
  /** How many connections there may be, and of whom. Default `defaultCrowd()`. */
  readonly crowd?: CrowdLimits;
  /**
   * Who takes less than `leastBytes` in `everyMs` while more waits for it is closed (`onClosed`); over HTTP/2, where it is a single stream that is not
   * read, that stream is reset (`onRefusal`). Default 16 KiB in five minutes.
   */
  readonly slowReaders?: SlowReaderLimits;
  /** A connection passed: its peer was verified, or showed no certificate where that is optional. */
  readonly onAdmitted?: (remote: Remote, peer: VerifiedPeer | undefined) => void;
  /** A peer was refused, at either stage, or a request. Default: a line on stderr for each code and address and second, at most 20 a second. */
  readonly onRefusal?: (refusal: Refusal, remote: Remote) => void;
  /** A live connection was closed because its peer no longer passed, expired, or read too slowly. Default as `onRefusal`. @param peer where one was verified */
  readonly onClosed?: (refusal: Refusal, remote: Remote, peer?: VerifiedPeer) => void;
  /** What came over HTTP/1.1 is no request, or the connection broke; the connection is the listener's. For `createHttp2Server`. Default: as Node does it. */
  readonly onMalformed?: (error: Error, socket: TLSSocket) => void;
  /** Tells a refused client of HTTP the cause, the remedy and the evidence: whom it is taken for, and what the policy asks for. Default: the code alone. */
  readonly explainToPeer?: true;
}

/** As node:http has it; the socket hands nothing on once its peer no longer passes. */
export type UpgradeHandler = (request: IncomingMessage, socket: TLSSocket, head: Buffer) => void;

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

export function minVersionOf({ minVersion = 'TLSv1.3' }: ServerOptions): MinimumVersion {
  return minVersion;
}
