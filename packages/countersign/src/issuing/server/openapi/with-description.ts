/** The routes, and the one that describes them all, itself included. */
import { type ApiDescription, describeApi } from '../../../runtime/api/index.ts';
import { route, type Route } from '../route.ts';
import { describeRoutes } from './describe-routes.ts';

export function withDescription(routes: readonly Route[]): readonly Route[] {
  let description: ApiDescription | undefined;
  const own: Route = route('anybody', describeApi, async () => (description ??= describeRoutes(all)));
  const all: readonly Route[] = [...routes, own];
  return all;
}
