/** What a server of mutual TLS is given. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../../ground/clock/index.ts';
import type { Refusal } from '../../../ground/errors/index.ts';
import type { CredentialSource } from '../context/credential.ts';
import type { NamedCredentials } from '../context/named-credentials.ts';
import type { CrowdLimits } from './crowd.ts';
import type { Remote } from '../remote.ts';
import type { MinimumVersion } from '../context/tls-profile.ts';
import type { Trust } from '../trust/trust.ts';

export interface ServerOptions {
  readonly trust: Trust;
  /** By server name: not presented yet, refused with a TypeError. */
  readonly credentials: CredentialSource | NamedCredentials;
  readonly clock: Clock;
  /** Default `required`. With `optional` the handler decides by `optionalPeerOf`: for an authority whom strangers must reach to enrol. */
  readonly clientCertificate?: 'required' | 'optional';
  /** Default TLSv1.3. */
  readonly minVersion?: MinimumVersion;
  /** From the TCP connection to the end of the handshake. Default 10 s. */
  readonly handshakeTimeoutMs?: number;
  /** How long a client's connection may live; it is given up ahead of that, and closed then. Default: as long as its certificates. */
  readonly longestLifeMs?: number;
  /** How many connections there may be; default as many as come. For a server that strangers can reach. */
  readonly crowd?: CrowdLimits;
  /** A connection passed: its peer was verified, or showed no certificate where that is optional. */
  readonly onAdmitted?: (remote: Remote) => void;
  /** A peer was refused, at either stage. */
  readonly onRefusal?: (refusal: Refusal, remote: Remote) => void;
  /** A live connection was closed because its peer no longer passed, or expired. */
  readonly onClosed?: (refusal: Refusal, remote: Remote) => void;
}

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;
