import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RouteSettings } from '../configuration/gateway-file.ts';
import { RouteTable } from './route-table.ts';

const bounds = { requestBytes: 1, headerBytes: 1, headerMs: 1, bodyMs: 1, answerMs: 1 };

function route(name: string, path: string, more: Partial<RouteSettings> = {}): RouteSettings {
  return { name, path, host: 'api.test', upstream: 'plain', identity: 'none', bounds, observe: false, ...more };
}

const nameFound = (table: RouteTable, path: string, method = 'GET', host = 'api.test'): string | undefined => {
  const found = table.find(host, path, method);
  return found && ('route' in found ? found.route.settings.name : `not ${method}: ${found.allowed.join(' ')}`);
};

test('the longest path answers, an exact one before any prefix', () => {
  const table = new RouteTable([
    route('all', '/'),
    route('v1', '/v1/'),
    route('deep', '/v1/a/b/'),
    route('exact', '/v1/a/b/c'),
    route('other', '/', { host: 'other.test' }),
  ]);
  const expected = [
    ['/', 'all'],
    ['/v1', 'all'],
    ['/v1/', 'v1'],
    ['/v1/a', 'v1'],
    ['/v1/a/b', 'v1'],
    ['/v1/a/b/', 'deep'],
    ['/v1/a/b/c', 'exact'],
    ['/v1/a/b/c/', 'deep'],
    ['/v1/a/b/cd', 'deep'],
    ['/v11/a', 'all'],
    ['/V1/a', 'all'],
  ] as const;
  for (const [path, name] of expected) assert.equal(nameFound(table, path), name, path);
  assert.equal(nameFound(table, '/v1/', 'GET', 'other.test'), 'other');
  assert.equal(nameFound(table, '/', 'GET', 'unknown.test'), undefined);
});

test('where no route of the longest path has the method a shorter path does not stand in', () => {
  const table = new RouteTable([
    route('all', '/'),
    route('read', '/admin/', { methods: ['GET'] }),
    route('write', '/admin/', { methods: ['PUT', 'POST'] }),
  ]);
  assert.equal(nameFound(table, '/admin/a'), 'read');
  assert.equal(nameFound(table, '/admin/a', 'HEAD'), 'read');
  assert.equal(nameFound(table, '/admin/a', 'POST'), 'write');
  assert.equal(nameFound(table, '/admin/a', 'DELETE'), 'not DELETE: GET PUT POST');
});

test('10,000 routes are looked up in as many steps as one', () => {
  const many = Array.from({ length: 10_000 }, (_, at) => route(`r${at}`, `/r${at}/`));
  const lookUps = (routes: readonly RouteSettings[]): number => {
    const get = Map.prototype.get;
    const table = new RouteTable(routes);
    let count = 0;
    Map.prototype.get = function (this: Map<unknown, unknown>, key: unknown): unknown {
      count += 1;
      return Reflect.apply(get, this, [key]);
    };
    try {
      table.find('api.test', '/r0/a/b/c/d', 'GET');
    } finally {
      Map.prototype.get = get;
    }
    return count;
  };
  assert.ok(lookUps(many) > 0);
  assert.equal(lookUps(many), lookUps(many.slice(0, 1)));
});
