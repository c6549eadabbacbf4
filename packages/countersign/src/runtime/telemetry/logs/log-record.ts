/** One thing that happened, as logs know it. */

/** In the order of their weight; RFC 5424's severities, those that we use. */
export const logLevels = ['debug', 'info', 'notice', 'warning', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface LogRecord {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly level: LogLevel;
  /** Kebab case, one of a few: `refused`, `issued`. */
  readonly event: string;
  /** The refusal's code. */
  readonly code?: string | undefined;
  /** What a person reads. */
  readonly message: string;
  /** Never a secret. */
  readonly fields: Readonly<Record<string, unknown>>;
}

export type Log = (record: LogRecord) => void;

export function isLogged(level: LogLevel, least: LogLevel): boolean {
  return logLevels.indexOf(level) >= logLevels.indexOf(least);
}
