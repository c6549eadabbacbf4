/** Refusals on the side that asks for certificates: the agent, the network, clocks, keys and files. */

export const clientRefusals = {} as const;
