/** A file that was checked in another thread, as it is handed over: plain data, in pieces that each take a moment to take in. */
import type { MessagePort } from 'node:worker_threads';
import type { Place, WrittenAt } from '../../../runtime/config/index.ts';
import type { ToldRefusal } from '../told-refusal.ts';
import type { CheckedFile } from './check-configuration.ts';
import type { GatewayFile, PartnerSettings, RouteSettings } from './gateway-file.ts';
import type { Written } from './problems.ts';

/** What the thread is given. */
export interface CheckOrder {
  readonly text: string;
  readonly path: string;
  readonly port: MessagePort;
}

export type ToldPiece =
  | { readonly kind: 'problems'; readonly problems: readonly ToldRefusal[] }
  | { readonly kind: 'frame'; readonly frame: Frame; readonly places: Places }
  | { readonly kind: 'routes'; readonly routes: readonly RouteSettings[] }
  | { readonly kind: 'partners'; readonly partners: readonly PartnerSettings[] };

/** All but what there may be thousands of. */
type Frame = Omit<GatewayFile, 'routes' | 'partners'>;

/** Where its parts are written, by their place as JSON. */
type Places = ReadonlyMap<string, WrittenAt>;

/** A millisecond or two each. Own choice. */
const inOnePiece = 250;

export function* piecesOf({ file, read }: CheckedFile): Generator<ToldPiece> {
  const { routes, partners, ...frame } = file;
  const places = new Map<string, WrittenAt>();
  // What is found out later is about files that are named here, and they are few.
  const { upstreams: _, ...naming } = frame;
  addPlaces(places, read, [], naming);
  yield { kind: 'frame', frame, places };
  for (let at = 0; at < routes.length; at += inOnePiece)
    yield { kind: 'routes', routes: routes.slice(at, at + inOnePiece) };
  for (let at = 0; at < partners.length; at += inOnePiece)
    yield { kind: 'partners', partners: partners.slice(at, at + inOnePiece) };
}

/** @param pieces all of them, in their order @throws TypeError where the first is missing */
export function fileOf(pieces: Iterable<ToldPiece>): CheckedFile {
  const [routes, partners]: [RouteSettings[], PartnerSettings[]] = [[], []];
  let whole: { readonly frame: Frame; readonly places: Places } | undefined;
  for (const piece of pieces) {
    if (piece.kind === 'frame') whole = piece;
    else if (piece.kind === 'routes') routes.push(...piece.routes);
    else if (piece.kind === 'partners') partners.push(...piece.partners);
  }
  if (whole === undefined) throw new TypeError('a file is told of from its beginning');
  const { frame, places } = whole;
  return { file: { ...frame, routes, partners }, read: { at: (place) => writtenAt(places, place) } };
}

function addPlaces(places: Map<string, WrittenAt>, read: Written, place: Place, value: unknown): void {
  places.set(JSON.stringify(place), read.at(place));
  if (typeof value !== 'object' || value === null) return;
  for (const [key, one] of Object.entries(value))
    addPlaces(places, read, [...place, Array.isArray(value) ? Number(key) : key], one);
}

function writtenAt(places: Places, place: Place): WrittenAt {
  for (let depth = place.length; depth >= 0; depth -= 1) {
    const found = places.get(JSON.stringify(place.slice(0, depth)));
    if (found !== undefined) return found;
  }
  return { line: 1, column: 1 };
}
