/** What arming an agent leaves in the hands of whoever did it. */

export interface Armed {
  /** Ends the watching of sources; the agent goes on with what it has, and is to be closed by whoever made it. */
  release(): void;
}
