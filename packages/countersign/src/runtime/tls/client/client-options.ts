/** What a client of mutual TLS is given. */
import type { Clock } from '../../../ground/clock/index.ts';
import type { Refusal } from '../../../ground/errors/index.ts';
import type { CredentialSource } from '../context/credential.ts';
import type { Remote } from '../remote.ts';
import type { MinimumVersion } from '../context/tls-profile.ts';
import type { Trust } from '../trust/trust.ts';

interface CommonClientOptions {
  readonly trust: Trust;
  readonly clock: Clock;
  /** From the start of the TCP connection to the end of the second stage. Default 10 s. */
  readonly timeoutMs?: number;
  /** Default TLSv1.3. */
  readonly minVersion?: MinimumVersion;
  /** How long a connection may live; it is given up ahead of that, and closed then. Default: as long as its certificates. */
  readonly longestLifeMs?: number;
  /** A server was refused, or the connection to it did not come about. */
  readonly onRefusal?: (refusal: Refusal, remote: Remote) => void;
  /** A live connection was closed because its peer no longer passed, or expired. */
  readonly onClosed?: (refusal: Refusal, remote: Remote) => void;
  /** Something is not as it should be, and goes on: CS-TLS-015. Once a server; without a listener it is a warning of the process. */
  readonly onWarning?: (warning: Refusal, remote: Remote) => void;
}

export interface MutualClientOptions extends CommonClientOptions {
  readonly credentials: CredentialSource;
}

/** For first contact alone: the server is authenticated, this side is not. Spelled out, so that it never happens by a missing value. */
export interface ServerAuthenticationOnlyOptions extends CommonClientOptions {
  readonly serverAuthenticationOnly: true;
}

export type ClientOptions = MutualClientOptions | ServerAuthenticationOnlyOptions;

export interface Destination {
  readonly host: string;
  readonly port: number;
  /** The name sent as SNI. Default: `host`, where it is a name. It decides nothing here: the policy alone says who the server may be. */
  readonly servername?: string;
  /** For ALPN (RFC 7301), the preferred one first. Default: HTTP/1.1 alone. What the server chose is `socket.alpnProtocol`. */
  readonly protocols?: readonly string[];
}
