/** Puts an endpoint of ours in the place where an Agent of undici, of whatever copy, makes its connections. */
import type { Agent, buildConnector, Dispatcher } from 'undici';
import type { Armed } from './armed.ts';
import type { ClientEndpoint } from './client-endpoint.ts';
import { Generations } from './generations.ts';
import { type Opened, undiciConnector } from './undici-connector.ts';

/** What undici keeps behind symbols of its own; each copy has other ones with the same descriptions. */
interface Inside {
  readonly options: { connect?: buildConnector.connector; allowH2?: boolean };
  readonly clients: Map<string, unknown>;
  readonly factory: Factory;
  readonly factorySymbol: symbol;
}

type Factory = (origin: unknown, options: { connect?: unknown; allowH2?: boolean }) => unknown;

/** @throws TypeError where it is not built as undici's Agent is known to be, has a factory of its own, or has connections already */
export function armUndiciAgent(agent: Agent, endpoint: ClientEndpoint): Armed {
  const { options, clients, factory, factorySymbol } = insideOf(agent);
  const generations: Generations = new Generations(endpoint.options, () => retire(clients));
  const connectorOf = (given: { allowH2?: boolean }): buildConnector.connector => {
    const generation = generations.current;
    const onOpen = ({ retireAt }: Opened): void => {
      if (generation === generations.current) generations.retireAt(retireAt);
    };
    const protocols = given.allowH2 === true ? ['h2', 'http/1.1'] : ['http/1.1'];
    return undiciConnector(endpoint, protocols, onOpen);
  };
  options.connect = connectorOf(options);
  const dispatch = agent.dispatch.bind(agent);
  const own: Factory = (origin, given) => factory(origin, { ...given, connect: connectorOf(given) });
  Object.assign(agent, {
    [factorySymbol]: own,
    dispatch: (asked: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean => {
      generations.catchUp();
      return dispatch(asked, handler);
    },
  });
  return { release: () => generations.close() };
}

/** Pools of an earlier generation finish what they have, and get nothing more. */
function retire(clients: Map<string, unknown>): void {
  for (const client of clients.values()) {
    // Earlier releases of undici keep the pool beside its count.
    const pool = isClosable(client) ? client : (client as { dispatcher?: unknown }).dispatcher;
    if (isClosable(pool)) void pool.close().catch(() => undefined);
  }
  clients.clear();
}

function isClosable(value: unknown): value is { close(): Promise<void> } {
  return typeof value === 'object' && value !== null && 'close' in value && typeof value.close === 'function';
}

function insideOf(agent: Agent): Inside {
  const options = hidden(agent, 'options').value;
  const clients: unknown = hidden(agent, 'clients').value;
  const factory = hidden(agent, 'factory');
  if (typeof options !== 'object' || options === null || !('connect' in options))
    throw new TypeError(notKnown('its options have no connect'));
  if (!(clients instanceof Map)) throw new TypeError(notKnown('its clients are no Map'));
  if (clients.size > 0) throw new TypeError('the agent has connections already; arm it before its first request');
  if (typeof factory.value !== 'function' || factory.value.name !== 'defaultFactory')
    throw new TypeError('the agent has a factory of its own, which could connect past what arms it');
  return {
    options: options as Inside['options'],
    clients: clients as Inside['clients'],
    factory: factory.value as Factory,
    factorySymbol: factory.symbol,
  };
}

function hidden(agent: Agent, description: string): { readonly symbol: symbol; readonly value: unknown } {
  const [symbol, ...others] = Object.getOwnPropertySymbols(agent).filter((one) => one.description === description);
  if (symbol === undefined || others.length > 0) throw new TypeError(notKnown(`it has no Symbol(${description})`));
  return { symbol, value: (agent as unknown as Record<symbol, unknown>)[symbol] };
}

function notKnown(what: string): string {
  return `the agent is not built as undici's Agent is known to be: ${what}`;
}
