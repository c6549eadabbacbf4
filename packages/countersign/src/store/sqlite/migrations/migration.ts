/** A step from one schema to the next. One that was released never changes; a new one comes after the last. */

export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}
