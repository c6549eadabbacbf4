/** The thread that owns the database: node:sqlite blocks while the disk writes, and nothing but this may wait for it. */
import { parentPort, workerData } from 'node:worker_threads';

import type { WorkerData } from './messages.ts';
import { serveDatabase } from './serve-database.ts';

if (parentPort === null) throw new TypeError('this file is the body of a worker');
serveDatabase(parentPort, workerData as WorkerData);
