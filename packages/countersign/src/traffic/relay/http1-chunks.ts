/** A chunked body (RFC 9112, 7.1) out of octets that come in pieces. */
import { ProgramFailure } from './program-failure.ts';

/** Of a chunk's size with its extensions, which are dropped; ours, as llhttp's users bound it. */
const mostSizeLine = 1024;

const sizeLine = /^([0-9a-f]{1,12})(?:[\t ]*;[\t\x20-\x7e\x80-\xff]*)?$/i;

const trailerLine = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[\t ]*([\t\x20-\x7e\x80-\xff]*?)[\t ]*$/;

export class ChunkReader {
  readonly #onData: (data: Buffer) => void;
  readonly #mostTrailers: number;
  readonly trailers: string[] = [];
  /** Octets of the present chunk that are still to come; its line end is `lineEnd`. */
  #left = 0;
  #state: 'size' | 'data' | 'data-end' | 'trailers' | 'ended' = 'size';
  #line = '';
  #trailerOctets = 0;

  constructor(onData: (data: Buffer) => void, mostTrailers: number) {
    this.#onData = onData;
    this.#mostTrailers = mostTrailers;
  }

  get ended(): boolean {
    return this.#state === 'ended';
  }

  /** @returns how many octets were the body's: less than all where it ended among them */
  take(octets: Buffer): number {
    let at = 0;
    while (at < octets.length && this.#state !== 'ended') {
      at = this.#state === 'data' ? this.#takeData(octets, at) : this.#takeLine(octets, at);
    }
    return at;
  }

  #takeData(octets: Buffer, at: number): number {
    const end = Math.min(octets.length, at + this.#left);
    this.#left -= end - at;
    if (this.#left === 0) this.#state = 'data-end';
    this.#onData(octets.subarray(at, end));
    return end;
  }

  #takeLine(octets: Buffer, at: number): number {
    const feed = octets.indexOf(10, at);
    const end = feed < 0 ? octets.length : feed + 1;
    this.#line += octets.toString('latin1', at, end);
    const most = this.#state === 'trailers' ? this.#mostTrailers - this.#trailerOctets : mostSizeLine;
    if (this.#line.length > most) throw new ProgramFailure('too-large', 'what its chunks say is too long');
    if (feed < 0) return end;
    if (!this.#line.endsWith('\r\n')) throw new ProgramFailure('not-http', 'a line of its chunks ends without CR');
    const line = this.#line.slice(0, -2);
    this.#line = '';
    this.#onLine(line);
    return end;
  }

  #onLine(line: string): void {
    if (this.#state === 'data-end') {
      if (line !== '') throw new ProgramFailure('not-http', 'a chunk is longer than it says');
      this.#state = 'size';
      return;
    }
    if (this.#state === 'trailers') {
      this.#onTrailer(line);
      return;
    }
    const [, size] = sizeLine.exec(line) ?? [];
    if (size === undefined) throw new ProgramFailure('not-http', 'the size of a chunk is no number');
    this.#left = Number.parseInt(size, 16);
    this.#state = this.#left === 0 ? 'trailers' : 'data';
  }

  #onTrailer(line: string): void {
    if (line === '') {
      this.#state = 'ended';
      return;
    }
    this.#trailerOctets += line.length + 2;
    const [, name, value] = trailerLine.exec(line) ?? [];
    if (name === undefined || value === undefined) throw new ProgramFailure('not-http', 'a trailer has no name');
    this.trailers.push(name, value);
  }
}
