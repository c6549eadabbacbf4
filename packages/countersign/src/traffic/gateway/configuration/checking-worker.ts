/** The thread that reads and checks a large file: what takes a second there holds up nobody. */
import { parentPort, workerData } from 'node:worker_threads';
import { toldOf } from '../told-refusal.ts';
import { checkText } from './check-configuration.ts';
import { type CheckOrder, piecesOf, type ToldPiece } from './told-file.ts';

if (parentPort === null) throw new TypeError('this file is the body of a worker');
const { text, path, port } = workerData as CheckOrder;
const checked = await checkText(text, path);
const pieces: Iterable<ToldPiece> =
  'problems' in checked ? [{ kind: 'problems', problems: checked.problems.map(toldOf) }] : piecesOf(checked);
for (const piece of pieces) port.postMessage(piece);
// Only now, when all of it is there to be taken one by one.
parentPort.postMessage('told');
