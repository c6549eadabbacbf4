/** The variables of the process, as systemd sets them. */
export type Environment = Readonly<Record<string, string | undefined>>;
