/** What a connection of HTTP/1.1 weighs that says nothing: memory of the server from 1,000 to 5,000 of them, ours less that of bare node:https. Some minutes long. */
import type { Goal, Scenario } from '../frame/scenario.ts';
import { type Compared, idleFacts, idleGoal } from '../live/idle-weight.ts';

export const scenario = 'idle';
export const slow = true;
export const subjects: Scenario['subjects'] = [];

const compared: Compared = { ours: 'countersign', bare: 'node:https', protocol: 'http/1.1' };

export const facts: NonNullable<Scenario['facts']> = idleFacts(compared);

export const goals: readonly Goal[] = [idleGoal(compared)];

export const notes: readonly string[] = ['each connection has a request whose end never comes; HTTP/1.1, TLS 1.3'];
