/** What a subject of the HTTPS scenarios is: an authority in another process, whom callers ask for certificates. */
import type { Running, Subject } from '../frame/scenario.ts';
import { type Call, type Caller, openCaller } from './https-callers.ts';
import { makeRequest, type MadeRequest } from './request.ts';

export interface EnrollingServer {
  readonly port: number;
  /** PEM. */
  readonly ca: string;
  cpuUs(): number;
  /** What opens the door to so many certificates of `dnsName`: one-time tokens, where it has them. */
  makeTokens(count: number): Promise<string[]>;
  enrolment(token: string, request: MadeRequest): Call;
  /** The chain in an answer, PEM. */
  chainOf(answer: string): string;
  close(): Promise<void>;
}

export interface IssuingServer extends EnrollingServer {
  renewal(request: MadeRequest): Call;
}

/** One that may know no renewal. */
export interface EnrollingProduct {
  readonly name: string;
  start(): Promise<EnrollingServer>;
}

export interface IssuingProduct extends EnrollingProduct {
  start(): Promise<IssuingServer>;
}

/** What every certificate is for. */
export const dnsName = 'web.internal';

/** Acts of a caller in one operation: the callers wait for each other at its end alone. */
const actsOfCaller = 4;

export interface Pattern {
  readonly callers: number;
  readonly kept: boolean;
}

/** Enrolment with a one-time token. */
export function enrolling(product: EnrollingProduct, { callers, kept }: Pattern): Subject {
  return {
    name: product.name,
    size: callers,
    start: async () => {
      const server = await product.start();
      const clients = Array.from({ length: callers }, () => openCaller({ port: server.port, ca: server.ca, kept }));
      const requests = clients.map(() => makeRequest(dnsName));
      const tokens: string[] = [];
      const act = async (caller: Caller, index: number): Promise<void> => {
        const [token, request] = [tokens.pop(), requests[index]];
        if (token === undefined || request === undefined) throw new TypeError('more acts than were prepared');
        await caller.call(server.enrolment(token, request));
      };
      return {
        ...running(server, clients, act),
        prepare: async (operations) => {
          const needed = operations * callers * actsOfCaller - tokens.length;
          if (needed > 0) tokens.push(...(await server.makeTokens(needed)));
        },
      };
    },
  };
}

/** Certificates that a caller renews its first one to, before it gets another first one: a line of renewals has an end. */
const mostRenewals = 500;

/** Renewal over mutual TLS, with the certificate that is renewed. */
export function renewing(product: IssuingProduct, { callers, kept }: Pattern): Subject {
  return {
    name: product.name,
    size: callers,
    start: async () => {
      const server = await product.start();
      const members = await Promise.all(
        Array.from({ length: callers }, async () => enrolled(server, makeRequest(dnsName), kept)),
      );
      let renewed = 0;
      const act = async (_: unknown, index: number): Promise<void> => {
        const member = members[index];
        if (member !== undefined) await member.caller.call(server.renewal(member.request));
      };
      return {
        ...running(server, members, act),
        prepare: async (operations) => {
          renewed += operations * actsOfCaller;
          if (renewed < mostRenewals) return;
          renewed = operations * actsOfCaller;
          for (const [index, { request, caller }] of members.entries()) {
            caller.close();
            members[index] = await enrolled(server, request, kept);
          }
        },
        close: async () => {
          for (const { caller } of members) caller.close();
          await server.close();
        },
      };
    },
  };
}

interface Member {
  readonly request: MadeRequest;
  readonly caller: Caller;
}

async function enrolled(server: IssuingServer, request: MadeRequest, kept: boolean): Promise<Member> {
  const { port, ca } = server;
  const stranger = openCaller({ port, ca, kept: false });
  const [token = ''] = await server.makeTokens(1);
  const cert = server.chainOf(await stranger.call(server.enrolment(token, request)));
  stranger.close();
  const credential = { cert, key: request.privateKey.toPem() };
  return { request, caller: openCaller({ port, ca, kept, credential }) };
}

function running<Client extends Caller | Member>(
  server: EnrollingServer,
  clients: readonly Client[],
  act: (client: Client, index: number) => Promise<void>,
): Running {
  const turn = async (client: Client, index: number): Promise<void> => {
    for (let done = 0; done < actsOfCaller; done++) await act(client, index);
  };
  return {
    acts: clients.length * actsOfCaller,
    operation: async () => {
      await Promise.all(clients.map(turn));
    },
    cpuUs: () => server.cpuUs(),
    close: async () => {
      for (const client of clients) if ('call' in client) client.close();
      await server.close();
    },
  };
}
