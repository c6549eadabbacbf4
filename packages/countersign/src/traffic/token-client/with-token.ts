/** The headers of a request with its token, in whatever form undici takes them. */
import type { Dispatcher } from 'undici';

type Given = Dispatcher.DispatchOptions['headers'];

/** @throws TypeError where there is an Authorization header already */
export function withToken(headers: Given, token: string): string[] {
  const flat = flattened(headers);
  if (flat.some((text, at) => at % 2 === 0 && text.toLowerCase() === 'authorization'))
    throw new TypeError('the dispatcher sets the Authorization header; send another one by another dispatcher');
  return [...flat, 'authorization', `Bearer ${token}`];
}

function flattened(headers: Given): string[] {
  if (headers === undefined || headers === null) return [];
  if (Array.isArray(headers)) return headers.map(String);
  const pairs = Symbol.iterator in headers ? [...headers] : Object.entries(headers);
  return pairs.flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().flatMap((one) => [name, String(one)]),
  );
}
