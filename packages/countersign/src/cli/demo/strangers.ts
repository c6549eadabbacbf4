/** The five strangers: who they are, how each comes by what it presents, and what the service itself says of them. */
import type { Credential } from '../../runtime/tls/index.ts';
import type { Refusal } from '../../ground/errors/index.ts';
import { knock } from './knock.ts';
import type { Service } from './service.ts';
import { strangerNames, type StrangerName } from './stranger-names.ts';

export interface Refused {
  readonly stranger: StrangerName;
  readonly refusal: Refusal;
  /** The HTTP status that the stranger read; 0 where it saw only the connection end. */
  readonly status: number;
}

export type Strangers = Readonly<Record<StrangerName, Credential | undefined>>;

/** Each makes a real connection to the running service; a stranger that got in is a failure of the demonstration itself. */
export async function letStrangersKnock(
  service: Service,
  strangers: Strangers,
  roots: string,
  onRefused: (refused: Refused) => void,
): Promise<readonly Refused[]> {
  const all: Refused[] = [];
  for (const stranger of strangerNames) {
    const { localPort, status } = await knock({ port: service.port, credential: strangers[stranger], roots });
    const refusal = service.refusalOf(localPort);
    if (refusal === undefined) throw new Error(`the stranger "${stranger}" was not refused (HTTP status ${status})`);
    const refused = { stranger, refusal, status };
    all.push(refused);
    onRefused(refused);
  }
  return all;
}
