/** Which addresses are asked at all, before anything is looked up. */
import { Refusal } from '../../../ground/errors/index.ts';

/** Longer ones name nothing that is fetched here. Own choice. */
const mostCharacters = 2048;

export function httpAddress(text: string): URL {
  const refuse = (rule: string): Refusal => new Refusal('CS-FETCH-007', { url: text.slice(0, mostCharacters), rule });
  if (text.length > mostCharacters) throw refuse(`longer than ${mostCharacters} characters`);
  if (!URL.canParse(text)) throw refuse('not a URL');
  const url = new URL(text);
  if (url.protocol !== 'http:') throw refuse('not http');
  if (url.username !== '' || url.password !== '') throw refuse('with a user or a password');
  url.hash = '';
  return url;
}
