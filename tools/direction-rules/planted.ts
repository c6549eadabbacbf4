/** A small house in which every direction rule is broken once, on purpose: a rule that finds nothing here is itself broken. */

const src = 'packages/countersign/src';

/** Path and text of each file; the comment says which rule it breaks. */
export const planted: Readonly<Record<string, string>> = {
  'package.json': '{ "name": "planted", "devDependencies": { "dev-only": "*" } }',
  'node_modules/dev-only/package.json': '{ "name": "dev-only", "version": "1.0.0", "main": "index.js" }',
  'node_modules/dev-only/index.js': 'module.exports = {};',

  // What the others import.
  [`${src}/ground/plain/index.ts`]: 'export const plain = 1;',
  [`${src}/ground/plain/inside.ts`]: 'export const inside = 1;',
  [`${src}/identity/model/index.ts`]: 'export const model = 1;',
  [`${src}/runtime/cryptography/index.ts`]: 'export const sign = 1;',
  [`${src}/issuing/server/index.ts`]: 'export const server = 1;',
  [`${src}/traffic/agent/index.ts`]: 'export const agent = 1;',
  [`${src}/store/sqlite/index.ts`]: 'export const sqlite = 1; export interface Row {}',
  [`${src}/store/sqlite/further.ts`]: "import '../../runtime/tested/index.ts';",
  [`${src}/cli/main.ts`]: 'export const main = 1;',

  // wing-*: a wing imports one that is not in its row.
  [`${src}/ground/wing/index.ts`]: "export { model } from '../../identity/model/index.ts';",
  [`${src}/identity/wing/index.ts`]: "export { sign } from '../../runtime/cryptography/index.ts';",
  [`${src}/runtime/wing/index.ts`]: "export { agent } from '../../traffic/agent/index.ts';",
  [`${src}/issuing/wing/index.ts`]: "export { agent } from '../../traffic/agent/index.ts';",
  [`${src}/traffic/wing/index.ts`]: "export { server } from '../../issuing/server/index.ts';",
  [`${src}/store/wing/index.ts`]: "export { server } from '../../issuing/server/index.ts';",
  [`${src}/surfaces/wing/index.ts`]: "export { server } from '../../issuing/server/index.ts';",
  [`${src}/surfaces/testing/index.ts`]: "export { sqlite } from '../../store/sqlite/index.ts';",

  // wing-*-tests: a test beside the source goes further than it may.
  [`${src}/ground/wing/a.test.ts`]: "import '../../store/sqlite/index.ts';",
  [`${src}/identity/wing/a.test.ts`]: "import '../../store/sqlite/index.ts';",
  [`${src}/runtime/wing/a.test.ts`]: "import '../../store/sqlite/index.ts';",
  [`${src}/issuing/wing/a.test.ts`]: "import '../../store/sqlite/index.ts';",
  [`${src}/traffic/wing/a.test.ts`]: "import '../../store/sqlite/index.ts';",
  [`${src}/store/wing/a.test.ts`]: "import '../../traffic/agent/index.ts';",
  [`${src}/surfaces/wing/a.test.ts`]: "import '../../store/sqlite/index.ts';",

  // reach-traffic: through a wing that traffic may import, to one that it may not.
  [`${src}/runtime/smuggler/index.ts`]: "export { sqlite } from '../../store/sqlite/index.ts';",
  [`${src}/traffic/reach/index.ts`]: "export { sqlite } from '../../runtime/smuggler/index.ts';",

  // stranger-*: neighbours that must not know each other.
  [`${src}/issuing/authority/index.ts`]: "export { server } from '../server/index.ts';",
  [`${src}/identity/x509/index.ts`]: "export { model } from '../model/index.ts';",
  [`${src}/traffic/relay/index.ts`]: "export { sidecar } from '../sidecar/index.ts';",
  [`${src}/traffic/sidecar/index.ts`]: "import '../tunnel/index.ts'; export const sidecar = 1;",
  [`${src}/traffic/gateway/index.ts`]: "export { sidecar } from '../sidecar/index.ts';",
  [`${src}/traffic/upstream/index.ts`]: "import '../tunnel/index.ts';",
  [`${src}/traffic/tunnel/index.ts`]: "import '../gateway/index.ts';",

  // pure-identity, cryptography, not-published, unresolvable: modules from elsewhere.
  [`${src}/identity/impure/index.ts`]: "import 'node:fs'; import 'node:crypto';",
  [`${src}/runtime/imports/index.ts`]: "import 'dev-only'; import './nowhere.ts';",

  // room, door, door-from-outside, test-imported.
  [`${src}/runtime/loose.ts`]: "import './imports/index.ts';",
  [`${src}/runtime/door/index.ts`]: "import '../../ground/plain/inside.ts';",
  'tests/door.test.ts': `import '../${src}/ground/plain/inside.ts';`,
  [`${src}/runtime/tested/index.ts`]: "import './a.test.ts';",
  [`${src}/runtime/tested/a.test.ts`]: 'export const a = 1;',

  // cycle; and room-cycle, which no single file is in.
  [`${src}/runtime/circle/index.ts`]: "import './other.ts';",
  [`${src}/runtime/circle/other.ts`]: "import './index.ts';",
  [`${src}/runtime/one/index.ts`]: 'export const one = 1;',
  [`${src}/runtime/one/more.ts`]: "import '../two/index.ts';",
  [`${src}/runtime/two/index.ts`]: 'export const two = 1;',
  [`${src}/runtime/two/more.ts`]: "import '../one/index.ts';",

  // console: the page takes from the package what only runs on Node.
  'packages/console/src/page.ts': "import '../../countersign/src/runtime/cryptography/index.ts';",
};

/** What looks like a violation and is none: each must pass. */
export const allowed: Readonly<Record<string, string>> = {
  [`${src}/store/allowed/index.ts`]:
    "import type { Server } from '../../issuing/server/index.ts'; import '../../ground/plain/index.ts';",
  [`${src}/store/sqlite/allowed.ts`]: "import '../../runtime/cryptography/index.ts';",
  [`${src}/cli/allowed.ts`]: "import '../store/sqlite/index.ts'; import '../issuing/server/index.ts';",
  [`${src}/identity/allowed/a.test.ts`]: "import 'node:crypto'; import 'dev-only';",
  [`${src}/runtime/cryptography/allowed.ts`]: "import 'node:crypto';",
  'packages/console/src/allowed.ts': "import '../../countersign/src/identity/model/index.ts';",
  'tests/allowed.test.ts': `import '../${src}/store/sqlite/index.ts'; import '../${src}/cli/allowed.ts';`,
};
