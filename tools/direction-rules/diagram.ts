/** Draws the map into ARCHITECTURE.md, between its two marks; with `--check` it only says whether the drawing is current. */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { sources } from './rules.ts';
import { unreachable, wings } from './wings.ts';

const root = resolve(import.meta.dirname, '../..');
const page = join(root, 'ARCHITECTURE.md');
const marks = { start: '<!-- map: written by `npm run diagram` -->', end: '<!-- end of map -->' };

const text = readFileSync(page, 'utf8');
const drawn = withDrawing(text, draw());
if (!process.argv.includes('--check')) {
  writeFileSync(page, drawn);
} else if (drawn !== text) {
  console.error('the map in ARCHITECTURE.md is not that of tools/direction-rules/wings.ts: npm run diagram');
  process.exitCode = 1;
}

function withDrawing(document: string, drawing: string): string {
  const start = document.indexOf(marks.start);
  const end = document.indexOf(marks.end);
  if (start < 0 || end < start) throw new Error(`ARCHITECTURE.md has no "${marks.start}" before "${marks.end}"`);
  return `${document.slice(0, start)}${marks.start}\n\n${drawing}\n\n${document.slice(end)}`;
}

/** Only wings that have rooms; of the arrows, those that do not follow from others. */
function draw(): string {
  const rooms = roomsByWing();
  const built = Object.keys(wings).filter((wing) => rooms.has(wing));
  const nodes = built.map(
    (wing) => `  ${wing}["<b>${wing}</b>${(rooms.get(wing) ?? []).map((room) => `<br/>${room}`).join('')}"]`,
  );
  const arrows = built.flatMap((wing) =>
    nearest(built.filter((other) => mayImport(wing, other))).map((to) => `  ${wing} --> ${to}`),
  );
  const typeArrows = built
    .filter((wing) => wings[wing]?.types === 'any')
    .flatMap((wing) => {
      const others = built.filter(
        (other) => other !== wing && wings[other]?.values !== 'any' && !mayImport(wing, other),
      );
      return nearest(others).map((to) => `  ${wing} -. types .-> ${to}`);
    });
  const walls = unreachable.flatMap(({ from, to }) =>
    to.filter((wing) => built.includes(wing) && built.includes(from)).map((wing) => `  ${from} --x|no road| ${wing}`),
  );
  return ['```mermaid', 'flowchart TB', ...nodes, ...arrows, ...typeArrows, ...walls, '```'].join('\n');
}

function mayImport(wing: string, other: string): boolean {
  const values = wings[wing]?.values ?? [];
  return wing !== other && (values === 'any' || values.includes(other));
}

/** Those of `targets` that no other of them may import: the rest follows. */
function nearest(targets: readonly string[]): string[] {
  return targets.filter((target) => !targets.some((other) => mayImport(other, target)));
}

function roomsByWing(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const door of globSync('*/*/index.ts', { cwd: join(root, sources) }).sort()) {
    const [wing = '', room = ''] = door.split('/');
    found.set(wing, [...(found.get(wing) ?? []), room]);
  }
  if (globSync('cli/main.ts', { cwd: join(root, sources) }).length > 0) found.set('cli', []);
  return found;
}
