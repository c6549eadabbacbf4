/** Where a command's words go: text for people, or one JSON object a line; never both on stdout. */
import type { Refusal } from '../../ground/errors/index.ts';
import { toCommandText } from '../../ground/errors/index.ts';
import { colourful, plain, type Paint } from './paint.ts';

export interface Fields {
  readonly [name: string]: unknown;
}

export interface Output {
  /** Whether --json was given. */
  readonly json: boolean;
  /** Colours for what `say` prints. */
  readonly paint: Paint;
  /** Whether stdout's reader has gone (a closed pipe): the rest need not be made. */
  readonly closed: boolean;
  /** Whether a reader is so far behind that what is not asked for should be left out: it waits in this process's memory. */
  readonly behind: boolean;
  /** The answer for people: stdout, or stderr with --json. */
  say(text: string): void;
  /** Guidance beside the answer: always stderr. */
  hint(text: string): void;
  /** A line of JSON, with --json alone. */
  event(name: string, fields: Fields): void;
  /** The last line of JSON, with --json alone. */
  result(fields: Fields): void;
  /** What is going on just now: on a terminal alone, replaced by what is printed next. */
  progress(text: string): void;
  /** @param fields further ones for --json, as the input that it is about */
  refuse(refusal: Refusal, fields?: Fields): void;
}

export interface OutputStreams {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** 1 MiB: some thousand lines of a log. Own choice. */
const mostBehindBytes = 1024 * 1024;

export function createOutput(json: boolean, { stdout, stderr, env }: OutputStreams): Output {
  let shown = false;
  let closed = false;
  // A reader that went away (head, less) is no fault of the command.
  stdout.on('error', () => (closed = true));
  stderr.on('error', () => undefined);
  const people = json ? stderr : stdout;
  const clear = (): void => {
    if (shown) stderr.write('\r\u001b[K');
    shown = false;
  };
  const write = (stream: NodeJS.WriteStream, text: string): void => {
    clear();
    if (stream !== stdout || !closed) stream.write(`${text}\n`);
  };
  const event = (name: string, fields: Fields): void => {
    if (json) write(stdout, JSON.stringify({ event: name, ...fields }));
  };
  return {
    json,
    paint: wantsColour(people, env) ? colourful : plain,
    get closed() {
      return closed;
    },
    get behind() {
      return Math.max(stdout.writableLength, stderr.writableLength) > mostBehindBytes;
    },
    say: (text) => write(people, text),
    hint: (text) => write(stderr, text),
    event,
    result: (fields) => event('result', fields),
    progress(text) {
      if (!stderr.isTTY || env['TERM'] === 'dumb') return;
      stderr.write(`\r\u001b[K ${text}`);
      shown = true;
    },
    refuse(refusal, fields = {}) {
      write(stderr, paintedRefusal(refusal, wantsColour(stderr, env) ? colourful : plain));
      event('refused', {
        code: refusal.code,
        title: refusal.title,
        evidence: refusal.evidence,
        remedy: refusal.remedy,
        ...fields,
      });
    },
  };
}

/** Colour on a terminal alone; NO_COLOR (no-color.org): any value but the empty one turns it off. */
function wantsColour(stream: NodeJS.WriteStream, env: OutputStreams['env']): boolean {
  return stream.isTTY && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
}

function paintedRefusal(refusal: Refusal, paint: Paint): string {
  return toCommandText(refusal).replace(refusal.code, paint.bad(refusal.code));
}
