/** Whose turn it is to ask a responder: so many at once in all and of each, the others in a line that has an end. */

export interface TurnLimits {
  readonly atOnce: number;
  readonly atOncePerResponder: number;
  readonly waiting: number;
}

interface Waiting {
  readonly url: string;
  readonly start: () => void;
}

export class Turns {
  readonly #limits: TurnLimits;
  readonly #running = new Map<string, number>();
  #atOnce = 0;
  #line: Waiting[] = [];

  constructor(limits: TurnLimits) {
    this.#limits = limits;
  }

  get waiting(): number {
    return this.#line.length;
  }

  /** The result of `work`, which begins when it is its turn; `undefined` where the line is full. */
  take<T>(url: string, work: () => Promise<T>): Promise<T> | undefined {
    if (this.#isFree(url)) return this.#run(url, work);
    if (this.#line.length >= this.#limits.waiting) return undefined;
    return new Promise<T>((resolve, reject) => {
      this.#line.push({ url, start: () => void this.#run(url, work).then(resolve, reject) });
    });
  }

  #isFree(url: string): boolean {
    const { atOnce, atOncePerResponder } = this.#limits;
    return this.#atOnce < atOnce && (this.#running.get(url) ?? 0) < atOncePerResponder;
  }

  async #run<T>(url: string, work: () => Promise<T>): Promise<T> {
    this.#atOnce++;
    this.#running.set(url, (this.#running.get(url) ?? 0) + 1);
    try {
      return await work();
    } finally {
      this.#atOnce--;
      const left = (this.#running.get(url) ?? 1) - 1;
      if (left === 0) this.#running.delete(url);
      else this.#running.set(url, left);
      this.#startNext();
    }
  }

  /** One ended, so that one may begin: the first whose responder is free. */
  #startNext(): void {
    const index = this.#line.findIndex(({ url }) => this.#isFree(url));
    const [next] = index < 0 ? [] : this.#line.splice(index, 1);
    next?.start();
  }
}
