/** Server-sent events out of pieces of text (HTML Living Standard, 9.2.6), within bounds. */

export interface ServerSentEvent {
  /** `message` where the stream named none. */
  readonly name: string;
  readonly data: string;
}

export class EventStream {
  readonly #mostCharacters: number;
  /** Pieces of the line that has not ended; kept apart, since joining them each time would be quadratic. */
  #line: string[] = [];
  #lineLength = 0;
  #data: string[] = [];
  #dataLength = 0;
  #name = '';
  #afterReturn = false;

  /** @param mostCharacters of one event's data; what is longer throws a RangeError */
  constructor(mostCharacters: number) {
    this.#mostCharacters = mostCharacters;
  }

  /** The events that `text` completes. */
  push(text: string): readonly ServerSentEvent[] {
    const events: ServerSentEvent[] = [];
    // A line ends with CR LF, LF or CR; CR and LF may come in two pieces.
    const rest = this.#afterReturn && text.startsWith('\n') ? text.slice(1) : text;
    this.#afterReturn = text === '' ? this.#afterReturn : text.endsWith('\r');
    const pieces = rest.split(/\r\n|\n|\r/);
    const last = pieces.pop() ?? '';
    for (const piece of pieces) {
      this.#grow(piece);
      const event = this.#endLine();
      if (event !== undefined) events.push(event);
    }
    this.#grow(last);
    return events;
  }

  #grow(piece: string): void {
    if (piece === '') return;
    this.#line.push(piece);
    this.#lineLength += piece.length;
    // The field's name and its colon come on top of the data.
    if (this.#lineLength > this.#mostCharacters + 16) throw new RangeError('a line of the stream is too long');
  }

  #endLine(): ServerSentEvent | undefined {
    const line = this.#line.join('');
    this.#line = [];
    this.#lineLength = 0;
    if (line === '') return this.#dispatch();
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') this.#name = value;
    else if (field === 'data') this.#addData(value);
    // `id` and `retry` decide nothing here: what counts is in the signed message. Comments begin with a colon.
    return undefined;
  }

  #addData(value: string): void {
    this.#data.push(value);
    this.#dataLength += value.length + 1;
    if (this.#dataLength > this.#mostCharacters + 1) throw new RangeError('an event of the stream is too long');
  }

  #dispatch(): ServerSentEvent | undefined {
    const event =
      this.#data.length === 0
        ? undefined
        : { name: this.#name === '' ? 'message' : this.#name, data: this.#data.join('\n') };
    this.#data = [];
    this.#dataLength = 0;
    this.#name = '';
    return event;
  }
}
