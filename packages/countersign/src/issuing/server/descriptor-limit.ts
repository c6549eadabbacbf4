/** How many files and sockets this process may have open, and how many of them strangers may take. */
import { readFileSync } from 'node:fs';

import type { CrowdLimits } from '../../runtime/tls/index.ts';

/**
 * Kept for the process itself: about 30 that Node has, the database with its log, files that are read and written, and 64 connections of each local
 * socket, over which an administrator must always get in. Own choice.
 */
const reserved = 128;

/** Where the kernel does not say (no /proc): what macOS gives a process at least. */
const assumed = 256;

/** About 40 KB each in a handshake: 80 MB in all. Own choice. */
const mostUnverified = 2_000;

/**
 * A cluster's machines may share one address, and enrol at once. At about 1 ms of work for each, who comes after all of them waits a quarter of a second.
 * Own choice.
 */
const mostUnverifiedOfOneAddress = 256;

/** Half at least is for others, where the limit is very low. */
export function crowdLimits(descriptors: number = descriptorLimit()): CrowdLimits {
  return {
    most: Math.max(Math.floor(descriptors / 2) - 32, descriptors - reserved),
    mostUnverified: Math.min(mostUnverified, Math.max(Math.floor(descriptors / 2) - 32, descriptors - 2 * reserved)),
    mostUnverifiedOfOneAddress,
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
