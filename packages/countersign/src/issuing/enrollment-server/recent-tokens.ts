/** The newest tokens, which are used soon as a rule: they are found without asking the vault. Whether one is used up, the vault alone says. */
import type { TokenRecord } from './token-vault.ts';

export interface RecentTokens {
  add(token: TokenRecord): void;
  find(id: string): TokenRecord | undefined;
  /** Once it was used: nobody looks for it again as a rule. */
  drop(id: string): void;
}

/** About 2 MB. Own choice. */
const most = 4096;

export function recentTokens(): RecentTokens {
  const tokens = new Map<string, TokenRecord>();
  return {
    add: (token) => {
      tokens.set(token.id, token);
      const [oldest] = tokens.keys();
      if (tokens.size > most && oldest !== undefined) tokens.delete(oldest);
    },
    find: (id) => tokens.get(id),
    drop: (id) => void tokens.delete(id),
  };
}
