/**
 * Fetches what is signed over plain http, within bounds of size, time, redirects and addresses: never through a proxy of the environment,
 * nothing compressed, no connection kept.
 */
import { Agent, type Dispatcher, request as send } from 'undici';
import { isRefusal, Refusal } from '../../../ground/errors/index.ts';
import { answerAgeMs, type ReadHeader } from './answer-age.ts';
import { guardedConnector } from './guarded-connector.ts';
import { httpAddress } from './http-address.ts';
import { readBounded } from './read-bounded.ts';
import type { Retrieved, RetrieveRequest } from './retrieve-request.ts';

/** Own choice: an address that moved, and one that moved again. */
const mostRedirects = 3;

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export async function retrieve(request: RetrieveRequest): Promise<Retrieved> {
  const { clock, signal, timeoutMs, lookup, privateRanges } = request;
  signal?.throwIfAborted();
  const first = httpAddress(request.url);
  const connector = guardedConnector(privateRanges, lookup);
  const ended = new AbortController();
  const endEarly = (): void => ended.abort(signal?.reason);
  signal?.addEventListener('abort', endEarly, { once: true });
  const timer = clock.after(timeoutMs, () =>
    ended.abort(new Refusal('CS-FETCH-002', { url: request.url, limitMs: timeoutMs })),
  );
  const agent = new Agent({ connect: connector.connect, allowH2: false, headersTimeout: 0, bodyTimeout: 0 });
  try {
    return await unlessEnded(follow(request, first, agent, ended.signal), ended.signal);
  } finally {
    timer.cancel();
    signal?.removeEventListener('abort', endEarly);
    ended.abort();
    connector.destroy();
    void agent.destroy();
  }
}

/** What hangs in name service or in connecting hears no signal. */
async function unlessEnded<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  work.catch(() => undefined);
  return await new Promise<T>((resolve, reject) => {
    const end = (): void => reject(signal.reason as Error);
    if (signal.aborted) end();
    signal.addEventListener('abort', end, { once: true });
    work.then(resolve, (error: unknown) => (signal.aborted ? end() : reject(error as Error)));
  });
}

async function follow(request: RetrieveRequest, first: URL, agent: Agent, signal: AbortSignal): Promise<Retrieved> {
  let url = first;
  for (let followed = 0; ; followed++) {
    const answer = await ask(request, url, agent, signal);
    if (!redirects.has(answer.statusCode)) return await take(request, url, answer);
    answer.body.on('error', () => undefined).destroy();
    url = nextAddress(request, url, headerOf(answer)('location'), followed);
  }
}

async function ask(
  { method, body, headers, contentTypes, validators }: RetrieveRequest,
  url: URL,
  dispatcher: Agent,
  signal: AbortSignal,
): Promise<Dispatcher.ResponseData> {
  try {
    return await send(url, {
      ...{ dispatcher, method, signal, body: body ?? null },
      headers: {
        ...headers,
        ...(contentTypes === undefined ? {} : { accept: contentTypes.join(', ') }),
        ...(validators?.etag === undefined ? {} : { 'if-none-match': validators.etag }),
        ...(validators?.lastModified === undefined ? {} : { 'if-modified-since': validators.lastModified }),
        'accept-encoding': 'identity',
      },
    });
  } catch (error) {
    throw failure(url, error);
  }
}

function nextAddress(request: RetrieveRequest, url: URL, location: string | undefined, followed: number): URL {
  const refuse = (rule: string): Refusal =>
    new Refusal('CS-FETCH-005', { url: url.href, location: location?.slice(0, 2048) ?? 'not said', rule });
  if (request.method !== 'GET') throw refuse('only a GET follows redirects');
  if (followed >= mostRedirects) throw refuse(`more than ${mostRedirects} redirects`);
  if (location === undefined || !URL.canParse(location, url.href)) throw refuse('no address to go to');
  try {
    return httpAddress(new URL(location, url).href);
  } catch (error) {
    if (isRefusal(error)) throw refuse(String(error.evidence['rule']));
    throw error;
  }
}

async function take(request: RetrieveRequest, url: URL, answer: Dispatcher.ResponseData): Promise<Retrieved> {
  const header = headerOf(answer);
  const mostAgeMs = answerAgeMs(header, request.clock.now());
  const age = mostAgeMs === undefined ? {} : { mostAgeMs };
  const { statusCode: status } = answer;
  if (status === 304 && isConditional(request)) return { kind: 'notModified', ...age };
  if (status !== 200) throw new Refusal('CS-FETCH-004', { url: url.href, status });
  requireKind(request, url, header);
  const body = await readBounded(answer, url, request.mostBytes, (error) => failure(url, error));
  const etag = header('etag');
  const lastModified = header('last-modified');
  return {
    ...{ kind: 'fetched', body, ...age },
    ...(etag === undefined ? {} : { etag }),
    ...(lastModified === undefined ? {} : { lastModified }),
  };
}

function isConditional({ validators }: RetrieveRequest): boolean {
  return validators?.etag !== undefined || validators?.lastModified !== undefined;
}

/** A portal's page is the commonest thing that is not what was asked for. */
const pages: ReadonlySet<string> = new Set(['text/html', 'application/xhtml+xml']);

function requireKind({ contentTypes }: RetrieveRequest, url: URL, header: ReadHeader): void {
  const contentType = header('content-type')?.split(';')[0]?.trim().toLowerCase();
  const refuse = (kind: string): Refusal => new Refusal('CS-FETCH-008', { url: url.href, contentType: kind });
  const coding = header('content-encoding')?.toLowerCase() ?? 'identity';
  if (coding !== 'identity' && coding !== '') throw refuse(`compressed (${coding.slice(0, 64)})`);
  if (contentType === undefined || contentType === '') return;
  const isWrong = contentTypes === undefined ? pages.has(contentType) : !contentTypes.includes(contentType);
  if (isWrong) throw refuse(contentType.slice(0, 128));
}

function headerOf({ headers }: Dispatcher.ResponseData): ReadHeader {
  return (name) => {
    const value = headers[name];
    return typeof value === 'string' ? value : value?.[0];
  };
}

/** The names of failures before a connection stands, as Node gives them. */
const unreached =
  /^(?:ECONNREFUSED|ENOTFOUND|EAI_\w+|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|ETIMEDOUT|EACCES|EPERM|ENODATA)$/;

function failure(url: URL, error: unknown): unknown {
  if (isRefusal(error)) {
    if (error.code !== 'CS-FETCH-006') return error;
    return new Refusal('CS-FETCH-006', { url: url.href, address: error.evidence['address'] ?? 'not said' });
  }
  if (!(error instanceof Error)) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  const evidence = { url: url.href, reason: code };
  return new Refusal(unreached.test(code) ? 'CS-FETCH-001' : 'CS-FETCH-009', evidence, { cause: error });
}
