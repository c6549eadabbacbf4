/**
 * Members that come and go with each request, in no order. A Map or a Set would do, but for this: after every few removals V8 makes its table anew, the old
 * one refers to the new one and to all that it held, and once one of them has grown old it keeps alive all that came after it until a full collection.
 * Measured with a Set and a Map: everything of every request outlived the young generation, for half of what a request costs.
 */
export interface Member {
  /** Of the roster alone; -1 where it is in none. */
  place: number;
}

export class Roster<M extends Member> {
  readonly #members: M[] = [];

  get size(): number {
    return this.#members.length;
  }

  add(member: M): void {
    if (member.place >= 0) return;
    member.place = this.#members.length;
    this.#members.push(member);
  }

  remove(member: M): void {
    const { place } = member;
    if (place < 0) return;
    member.place = -1;
    const last = this.#members.pop();
    if (last === undefined || last === member) return;
    last.place = place;
    this.#members[place] = last;
  }

  /** As they are now: whoever is added or removed meanwhile changes nothing about it. */
  all(): readonly M[] {
    return [...this.#members];
  }
}
