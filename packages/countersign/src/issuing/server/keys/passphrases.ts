/** Passphrases of keys on disk: where they come from is told, so that a refusal can say which one was wrong. */

export interface GivenPassphrase {
  readonly text: string;
  /** "--passphrase-file", "COUNTERSIGN_PASSPHRASE": for people, never the passphrase itself. */
  readonly from: string;
}

/** What opens keys and protects new ones. */
export interface KeyPassphrases {
  /** What was given beforehand; nobody is asked. Keys that are made are encrypted with it. */
  readonly given: () => Promise<GivenPassphrase | undefined>;
  /**
   * For a key that is encrypted: a person may be asked.
   * @param file what it opens
   * @param wrong the answer before, which did not open it: whoever typed it is asked again
   */
  readonly opening: (file: string, wrong?: GivenPassphrase) => Promise<GivenPassphrase | undefined>;
}

export const noPassphrases: KeyPassphrases = {
  given: () => Promise.resolve(undefined),
  opening: () => Promise.resolve(undefined),
};
