/** Builds the package's dist from its sources: JavaScript and declarations, no tests; whatever else stands beside them is copied. */
import { execFileSync } from 'node:child_process';
import { cpSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';

const folder = resolve(import.meta.dirname, '../../packages/countersign');
const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');

rmSync(join(folder, 'dist'), { recursive: true, force: true });
try {
  execFileSync(process.execPath, [compiler, '-p', join(folder, 'tsconfig.build.json'), '--noEmitOnError'], {
    stdio: 'inherit',
  });
  cpSync(join(folder, 'src'), join(folder, 'dist'), {
    recursive: true,
    filter: (source) => statSync(source).isDirectory() || !source.endsWith('.ts'),
  });
} catch {
  // tsc has said why; half a build must not be packed.
  rmSync(join(folder, 'dist'), { recursive: true, force: true });
  process.exitCode = 1;
}
