/** How many connections a server has by default: as many as the process may have open, and fewer of strangers. */
import { readFileSync } from 'node:fs';
import type { CrowdLimits } from './crowd.ts';

/**
 * Kept for the process itself: about 30 that Node has, a database with its log, files that are read and written, and 64 connections of each local
 * socket, over which an administrator must always get in. Own choice.
 */
const reserved = 128;

/** Where the kernel does not say (no /proc): what macOS gives a process at least. */
const assumed = 256;

/** About 40 KB each in a handshake: 80 MB in all. Own choice. */
const mostUnverified = 2_000;

/**
 * A cluster's machines may share one address, and come at once. At about 1 ms of work for each, who comes after all of them waits a quarter of a second.
 * Own choice.
 */
const mostUnverifiedOfOneAddress = 256;

/** A failed handshake costs about 1 ms of the processor: one address gets a fifth of one core for nothing. Own choice. */
const mostFailuresOfOneAddressPerSecond = 200;

/** @param descriptors how many files and sockets the process may have open. Half of them at least is for others, where the limit is very low */
export function defaultCrowd(descriptors: number = descriptorLimit()): CrowdLimits {
  const most = Math.max(Math.floor(descriptors / 2) - 32, descriptors - reserved);
  return {
    most,
    // A gateway's address may carry nearly all there is; the last tenth is for others.
    mostOfOneAddress: Math.ceil(most * 0.9),
    mostUnverified: Math.min(mostUnverified, Math.max(Math.floor(descriptors / 2) - 32, descriptors - 2 * reserved)),
    mostUnverifiedOfOneAddress,
    mostFailuresOfOneAddressPerSecond,
  };
}

/** The soft limit, which Node has raised to the hard one when it started. */
function descriptorLimit(): number {
  try {
    const [, soft = ''] = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return soft === 'unlimited' ? Number.MAX_SAFE_INTEGER : Number(soft) || assumed;
  } catch {
    return assumed;
  }
}
