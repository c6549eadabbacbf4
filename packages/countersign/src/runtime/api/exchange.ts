/** One request to an authority and its answer: bounded in time and size, checked, problem documents turned back into refusals. */
import type { Dispatcher } from 'undici';

import { fromProblemDocument, Refusal } from '../../ground/errors/index.ts';
import type { Deadline } from './deadline.ts';
import { exchangeFailure } from './exchange-failure.ts';
import { parseHttpDate } from './http-date.ts';
import { largestResponseBytes, type Operation } from './operation.ts';

export interface AuthorityConnection {
  readonly dispatcher: Dispatcher;
  /** `https://host:port`; on a Unix socket any origin. */
  readonly url: string;
  /** As which messages name the other end; default the URL. */
  readonly address?: string;
}

export interface Answer<Response> {
  readonly value: Response;
  /** The authority's clock (HTTP Date), milliseconds since 1970. */
  readonly date: number | undefined;
}

/** What an answer's sender is believed: the refusals of a stranger are not repeated as if they were the authority's. */
export type Sender = 'authority' | 'stranger';

/** The cause of a refusal that came as an answer: it is about the caller, where one of our own is about the authority. */
export class AuthorityAnswer {
  readonly status: number;

  constructor(status: number) {
    this.status = status;
  }
}

/** Whether the authority itself said this, over a connection that proved it to be the authority. */
export function saidByAuthority(refusal: Refusal): boolean {
  return refusal.cause instanceof AuthorityAnswer;
}

export async function exchange<Request, Response>(
  operation: Operation<Request, Response>,
  request: Request,
  connection: AuthorityConnection,
  deadline: Deadline,
  sender: Sender = 'authority',
): Promise<Answer<Response>> {
  const address = connection.address ?? connection.url;
  const answer = await send(operation, request, connection, deadline);
  const value = parseJson(answer.body);
  if (answer.status !== 200) {
    const refusal = sender === 'authority' ? fromProblemDocument(value) : undefined;
    if (refusal !== undefined)
      throw new Refusal(refusal.code, refusal.evidence as never, { cause: new AuthorityAnswer(answer.status) });
    throw new Refusal('CS-NET-003', { address, status: answer.status, problem: 'no answer of an authority' });
  }
  const parsed = operation.response.safeParse(value);
  if (parsed.success) return { value: parsed.data, date: parseHttpDate(answer.date) };
  const place = parsed.error.issues[0]?.path.map(String).join('.') ?? '';
  const problem = place === '' ? 'not the JSON that this answer must be' : `the field ${place} is missing or malformed`;
  throw new Refusal('CS-NET-003', { address, status: answer.status, problem });
}

interface RawAnswer {
  readonly status: number;
  readonly date: string | undefined;
  readonly body: string;
}

async function send<Request>(
  operation: Operation<Request, unknown>,
  request: Request,
  connection: AuthorityConnection,
  deadline: Deadline,
): Promise<RawAnswer> {
  const address = connection.address ?? connection.url;
  try {
    const answer = await connection.dispatcher.request({
      origin: connection.url,
      path: operation.method === 'GET' ? operation.path + queryOf(request) : operation.path,
      method: operation.method,
      headers: {
        accept: 'application/json, application/problem+json',
        ...(operation.method === 'POST' && jsonContent),
      },
      body: operation.method === 'POST' ? JSON.stringify(request) : null,
      signal: deadline.signal,
      // The deadline's signal is the only limit of time; undici's own would read another clock.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    const date = answer.headers['date'];
    const most = operation.responseBytes ?? largestResponseBytes;
    const body = await readBounded(answer.body, most, { address, status: answer.statusCode });
    return { status: answer.statusCode, date: typeof date === 'string' ? date : undefined, body };
  } catch (error) {
    throw exchangeFailure(error, address, deadline);
  }
}

const jsonContent = { 'content-type': 'application/json' };

function queryOf(request: unknown): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(request as Record<string, string | number | undefined>)) {
    if (value !== undefined) query.set(name, String(value));
  }
  return query.size === 0 ? '' : `?${query.toString()}`;
}

async function readBounded(
  body: AsyncIterable<Uint8Array>,
  most: number,
  { address, status }: { address: string; status: number },
): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body) {
    bytes += part.length;
    if (bytes > most) {
      throw new Refusal('CS-NET-003', { address, status, problem: `more than ${String(most)} bytes` });
    }
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
