/** One host of the gateway: a TLS server with the handshake policy of that host, on no port of its own. */
import type { Socket } from 'node:net';
import type { Clock } from '../../../ground/clock/index.ts';
import type { Refusal } from '../../../ground/errors/index.ts';
import { allowAnyPeer } from '../../../identity/authorization/index.ts';
import {
  createStreamServer,
  type Credential,
  MutableSource,
  type Remote,
  type TakingServer,
  type Trust,
  type VerifiedPeer,
} from '../../../runtime/tls/index.ts';
import type { CertificateMode } from '../configuration/gateway-file.ts';
import { sameCredential } from '../configuration/load-configuration.ts';
import type { RequestService } from './request-service.ts';

export interface HostServerParts {
  readonly name: string;
  readonly certificate: CertificateMode;
  readonly headerMs: number;
  readonly trust: Trust;
  readonly credential: Credential;
  readonly clock: Clock;
  readonly service: RequestService;
  readonly onRefusal: (refusal: Refusal, remote: Remote) => void;
  readonly onClosed: (refusal: Refusal, remote: Remote, peer?: VerifiedPeer) => void;
}

export class HostServer implements TakingServer {
  readonly certificate: CertificateMode;
  readonly headerMs: number;
  readonly trust: Trust;
  readonly #credentials: MutableSource<Credential>;
  readonly #server: TakingServer;

  /** @throws CS-TLS-007 where TLS does not take the credential */
  constructor(parts: HostServerParts) {
    const { name, certificate, headerMs, trust, credential, clock, service, onRefusal, onClosed } = parts;
    this.certificate = certificate;
    this.headerMs = headerMs;
    this.trust = trust;
    this.#credentials = new MutableSource(credential);
    this.#server = createStreamServer(
      // Whoever the anchors vouch for may say what he asks for; each route of a host that asks for certificates names whom it allows.
      allowAnyPeer(),
      {
        trust,
        credentials: this.#credentials,
        clock,
        clientCertificate: certificate,
        headerMs,
        onRefusal,
        onClosed,
        onMalformed: (error, socket) => service.malformed.take(error, socket),
      },
      {
        onRequest: (request, response) => service.serve(name, request, response),
        onStream: (stream, headers, rawHeaders) => service.serveStream(name, { stream, headers, rawHeaders }),
        onUpgrade: (request, socket, head) => service.serveUpgrade(name, request, socket, head),
        unserved: {
          onExpect: (request, response) => service.serve(name, request, response, 'Expect'),
          onEarlyUpgrade: (request, response) => service.serve(name, request, response, 'Upgrade'),
          onStream: (what, stream, headers, rawHeaders) =>
            service.serveStream(name, { stream, headers, rawHeaders }, what),
          onConnect: (request, socket, head) => service.serveUpgrade(name, request, socket, head, 'CONNECT'),
        },
      },
    );
  }

  get credential(): Credential {
    return this.#credentials.current();
  }

  /** For new connections; those that are there keep theirs. */
  present(credential: Credential): void {
    if (!sameCredential(credential, this.credential)) this.#credentials.set(credential);
  }

  take(socket: Socket): void {
    this.#server.take(socket);
  }

  listen(): Promise<never> {
    return Promise.reject(new TypeError('a host of the gateway has no port of its own'));
  }

  close(options?: { graceMs?: number }): Promise<void> {
    return this.#server.close(options);
  }

  get connections(): number {
    return this.#server.connections;
  }
}
