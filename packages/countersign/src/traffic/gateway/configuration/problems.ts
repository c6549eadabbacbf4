/** From a problem in the text of a configuration to the refusal that tells of it. */
import { nearMatch, Refusal } from '../../../ground/errors/index.ts';
import type { Place, ReadSettings, SettingsProblem } from '../../../runtime/config/index.ts';

/** Keys by which other programs switch checks off. Nobody reads them here; they are told apart from slips. */
const dangerous =
  /^(?:reject_?unauthorized|insecure.*|allow_?insecure.*|(?:tls_?)?skip_?(?:tls_?)?verif.*|verify.*|no_?verify.*|allow_?any.*|disable_?.*|dangerous.*|min_?version|tls_?version|ciphers|renegotiat.*|resum.*|tickets?|session_?tickets?)$/i;

export function refusalOfProblem(path: string, found: SettingsProblem): Refusal {
  const { line, column, problem, nearest = 'none' } = found;
  const setting = settingOf(found.place);
  switch (found.kind) {
    case 'unreadable':
      return new Refusal('CS-GATEWAY-001', { path, line, column, problem });
    case 'wrong value':
      return new Refusal('CS-GATEWAY-003', { path, line, column, setting, problem });
    case 'unknown key':
      if (dangerous.test(String(found.place.at(-1))))
        return new Refusal('CS-GATEWAY-008', { path, line, column, setting });
      return new Refusal('CS-GATEWAY-002', { path, line, column, setting, nearest });
  }
}

/** The path in the document as people write it: `routes[2].upstream`. */
export function settingOf(place: Place): string {
  const text = place.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
  return text === '' ? 'the whole file' : text.replace(/^\./, '');
}

/** Where its parts stand. */
export type Written = Pick<ReadSettings<unknown>, 'at'>;

/** Collects what is wrong with a text that the schema took. */
export class ProblemList {
  readonly found: Refusal[] = [];
  readonly #path: string;
  readonly #read: Written;

  constructor(path: string, read: Written) {
    this.#path = path;
    this.#read = read;
  }

  lineOf(place: Place): number {
    return this.#read.at(place).line;
  }

  wrongValue(place: Place, problem: string): void {
    this.found.push(new Refusal('CS-GATEWAY-003', { ...this.#where(place), setting: settingOf(place), problem }));
  }

  unknownName(place: Place, kind: string, name: string, known: Iterable<string>): void {
    const nearest = nearMatch(name, [...known]) ?? 'none';
    const setting = settingOf(place);
    this.found.push(new Refusal('CS-GATEWAY-004', { ...this.#where(place), setting, kind, name, nearest }));
  }

  twice(place: Place, name: string, first: Place): void {
    const firstLine = this.lineOf(first);
    this.found.push(
      new Refusal('CS-GATEWAY-005', { ...this.#where(place), setting: settingOf(place), name, firstLine }),
    );
  }

  unreachable(place: Place, route: string, by: string, byPlace: Place): void {
    const byLine = this.lineOf(byPlace);
    this.found.push(new Refusal('CS-GATEWAY-006', { ...this.#where(place), route, by, byLine }));
  }

  handshake(place: Place, facts: { route: string; host: string; certificate: string; problem: string }): void {
    this.found.push(new Refusal('CS-GATEWAY-007', { ...this.#where(place), ...facts }));
  }

  unusableFile(place: Place, file: string, problem: string): void {
    const setting = settingOf(place);
    this.found.push(new Refusal('CS-GATEWAY-009', { ...this.#where(place), setting, file, problem }));
  }

  sharedAuthority(place: Place, facts: { certificate: string; other: string; problem: string }): void {
    this.found.push(new Refusal('CS-GATEWAY-060', { ...this.#where(place), setting: settingOf(place), ...facts }));
  }

  #where(place: Place): { path: string; line: number; column: number } {
    return { path: this.#path, ...this.#read.at(place) };
  }
}
