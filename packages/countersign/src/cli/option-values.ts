/** The options of one call, by name and already of their kind. */
import { Refusal } from '../ground/errors/index.ts';
import type { Option } from './table/command.ts';

export type OptionValue = string | number | boolean | HostAndPort | readonly string[];

export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

export class OptionValues {
  readonly #declared: ReadonlyMap<string, Option>;
  readonly #values: ReadonlyMap<string, OptionValue>;

  constructor(declared: readonly Option[], values: ReadonlyMap<string, OptionValue>) {
    this.#declared = new Map(declared.map((option) => [option.name, option]));
    this.#values = values;
  }

  given(name: string): boolean {
    return this.#value(name, 'switch', 'text', 'path', 'duration', 'address', 'time', 'choice') !== undefined;
  }

  on(name: string): boolean {
    return this.#value(name, 'switch') === true;
  }

  text(name: string): string | undefined {
    return this.#value(name, 'text', 'path', 'choice') as string | undefined;
  }

  /** Each value of an option that may be given more than once, in the order given. */
  texts(name: string): readonly string[] {
    return (this.#value(name, 'text', 'path') as readonly string[] | undefined) ?? [];
  }

  /** The text of an option that is declared as required. */
  needed(name: string): string {
    const text = this.text(name);
    if (text === undefined) throw new TypeError(`option ${name} is not declared as required`);
    return text;
  }

  milliseconds(name: string): number | undefined {
    return this.#value(name, 'duration') as number | undefined;
  }

  /** Milliseconds since 1970. */
  time(name: string): number | undefined {
    return this.#value(name, 'time') as number | undefined;
  }

  address(name: string): HostAndPort | undefined {
    return this.#value(name, 'address') as HostAndPort | undefined;
  }

  /** Refuses two options that contradict each other. */
  exclude(first: string, second: string, rule: string): void {
    if (!this.given(first) || !this.given(second)) return;
    throw new Refusal('CS-USAGE-006', { given: [`--${first}`, `--${second}`], rule });
  }

  #value(name: string, ...kinds: Option['kind'][]): OptionValue | undefined {
    const option = this.#declared.get(name);
    if (option === undefined || !kinds.includes(option.kind))
      throw new TypeError(`no option ${name} of kind ${kinds.join('|')}`);
    return this.#values.get(name);
  }
}
