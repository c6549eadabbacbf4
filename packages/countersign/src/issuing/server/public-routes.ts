/** What the authority answers on the network, to whom. */
import { toRfc3339 } from '../../ground/clock/index.ts';
import { encodePem } from '../../ground/encoding/index.ts';
import {
  acknowledgeFeed,
  decodeToken,
  enrollOperation,
  leaveFeed,
  listRoots,
  renewalChallenge,
  renewExpiredOperation,
  renewOperation,
  returnFeed,
  whoAmI,
} from '../../runtime/api/index.ts';
import type { IssuedCertificate } from '../authority/index.ts';
import { enroll, renew, renewExpired } from '../enrollment-server/index.ts';
import { followFeedRoute } from './follow-feed.ts';
import { issuedAnswer } from './issued-answer.ts';
import { partnerFollowers } from './partners/follower-route.ts';
import { partnerUploads } from './partners/upload-routes.ts';
import { peerRoute, route, type Route } from './route.ts';
import type { ServerEvent } from './server-event.ts';
import type { ServerParts } from './server-parts.ts';
import { takeBack } from './take-back.ts';
import { spiffeIdOf } from './spiffe-id-of.ts';

export function publicRoutes(parts: ServerParts): readonly Route[] {
  const { authority, enrollment, challenges, endpoints, feed } = parts;
  const { keys } = authority;
  const answer = (
    issued: IssuedCertificate,
    how: Extract<ServerEvent, { event: 'issued' }>['how'],
  ): ReturnType<typeof issuedAnswer> => {
    const { serialNumber: serial, profile, names, notAfterMs } = issued;
    parts.log({ event: 'issued', how, profile, serial, names, notAfterMs });
    return issuedAnswer({ keys, profiles: parts.profiles.current(), url: parts.url() }, issued);
  };

  return [
    route('anybody', listRoots, async () => ({
      trustDomain: authority.trustDomain,
      roots: [encodePem('CERTIFICATE', keys.anchor.raw)],
    })),
    route('token', enrollOperation, async ({ token, request }) =>
      answer(await enroll(enrollment, { token: decodeToken(token), request }), 'enrolled'),
    ),
    peerRoute(renewOperation, async ({ request }, { peer }) =>
      answer(await renew(enrollment, { peer, request }), 'renewed'),
    ),
    route('anybody', renewalChallenge, async () => ({ challenge: challenges.create() })),
    route('proof', renewExpiredOperation, async (order) =>
      answer(await renewExpired(enrollment, challenges, order), 'renewed-after-expiry'),
    ),
    peerRoute(whoAmI, async (_, { peer }) => ({
      spiffeId: peer.spiffeId,
      names: [...peer.dnsNames, ...(peer.spiffeId === undefined ? [] : [peer.spiffeId]), ...peer.ipAddresses],
      serial: peer.serialNumber,
      notAfter: toRfc3339(peer.notAfter),
    })),
    followFeedRoute(feed),
    peerRoute(acknowledgeFeed, async (acknowledgement, { peer }) => {
      await endpoints.acknowledge({ ...acknowledgement, spiffeId: spiffeIdOf(peer) }, feed.number);
      return {};
    }),
    ...partnerUploads(parts, answer),
    partnerFollowers(parts),
    ...returns(parts),
    peerRoute(leaveFeed, async ({ endpoint }, { peer }) => {
      await endpoints.leave({ spiffeId: spiffeIdOf(peer), endpoint });
      return {};
    }),
  ];
}

/** Without a restore there is nothing that could be handed back, and no more is read from anybody than elsewhere. */
function returns({ epoch, ...parts }: ServerParts): readonly Route[] {
  const { keys } = parts.authority;
  if (epoch === undefined) {
    const { requestBytes: _, ...operation } = returnFeed;
    return [peerRoute(operation, async () => ({ learned: 0 }))];
  }
  return [
    peerRoute(returnFeed, async ({ message }, { peer }) => ({
      learned: await takeBack({ ...parts, epoch, keys }, message, spiffeIdOf(peer)),
    })),
  ];
}
