import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseAndValidateFlightRouterState } from 'next/dist/server/app-render/parse-and-validate-flight-router-state.js';
import { isSilent, withoutTenant, type Database } from '@/db/platform/client';
import type { Composition } from '@/lib/composition';
import { AppError, isAppError } from '@/lib/kernel/errors';
import { clientIp } from './client-ip';
import { createCrowd, tooMuch, type Crowd } from './crowd';
import { addressKey, identify, renewedCookie } from './identify';
import { sendPlainPage } from './plain-page';
import { visitHeader } from './page-visit';
import { sessionToken } from './session-cookie';

/** What Next serves to anybody, for caches to keep: such an answer may never carry a cookie. */
const file = /^\/(_next\/|icons?\.svg(\?|$))/;

/** Pages that Next keeps for its own failures. Whoever asks for one by name would be told of a failure that was none. */
const failurePage = /^\/_(global-)?error(\/|\?|$)/;

/**
 * What stands in front of Next's pages: finds out who asks, and hands that over to the page, which can then set no
 * status and no cookie any more. Answers false when the answer is given already: too many made-up cookies from one
 * address, an address or a state of the page that cannot be read, a database that does not answer, or a server that is asked too much.
 */
export function createPageDoor(composition: Composition, crowd = crowdOfPages(composition)): (request: IncomingMessage, response: ServerResponse) => Promise<boolean> {
  const { env, log, ports, visits } = composition;
  return async (request, response) => {
    delete request.headers[visitHeader];
    if (!isDecodable(request.url ?? '/')) {
      sendPlainPage(response, new AppError('malformed_request', 'This address is not written as addresses are: a % in it is not followed by two digits that fit. Check the link.'));
      return false;
    }
    if (!hasReadableState(request)) {
      sendPlainPage(response, new AppError('malformed_request', 'Which parts of the page are there already cannot be read from the request. Load the page again.'));
      return false;
    }
    if (file.test(request.url ?? '')) return true;
    if (failurePage.test(request.url ?? '')) request.url = '/_not-found';
    const requestId = randomUUID();
    const forwardedFor = request.headers['x-forwarded-for'];
    const ip = clientIp(Array.isArray(forwardedFor) ? forwardedFor.join(', ') : forwardedFor, request.socket.remoteAddress, env.TRUSTED_PROXY_HOPS);
    try {
      const cookie = sessionToken(request.headers.cookie, env.STUDIO_URL);
      // What guests are shown needs no database, and no turn at it.
      if (cookie !== undefined) {
        const place = await crowd.enter({ from: () => addressKey(ip), isGone: () => response.closed });
        if (place === null) {
          if (!response.closed) sendPlainPage(response, tooMuch);
          return false;
        }
        response.once('close', () => crowd.leave(place));
      }
      const [caller] = await Promise.all([identify(composition, { cookie, bearer: undefined }, requestId, ip), cookie === undefined ? null : demandDatabase(ports.database)]);
      for (const [name, value] of Object.entries(await renewedCookie(composition, caller, requestId))) response.setHeader(name, value);
      // Whoever has left meanwhile would never be taken out again.
      if (response.closed) return false;
      visits.set(requestId, { actor: caller.actor, ip, requestId });
      response.once('close', () => visits.delete(requestId));
      request.headers[visitHeader] = requestId;
      return true;
    } catch (error) {
      const known = isAppError(error) ? error : new AppError('internal', 'Something failed on our side. Try again in a moment.', { cause: error });
      if (known.status >= 500) log.error({ err: known.cause ?? known, request_id: requestId, code: known.code }, 'page failed');
      sendPlainPage(response, known);
      return false;
    }
  };
}

/** A page is made of more than one answer of the API is, and all that are made share one processor. */
const pagesAreBusyForMs = 500;

function crowdOfPages({ ports }: Composition): Crowd {
  return createCrowd({ kind: 'page', ...ports, busyForMs: pagesAreBusyForMs });
}

/** Next fails where an address cannot be read as text. */
function isDecodable(url: string): boolean {
  try {
    decodeURIComponent(url.split('?', 1)[0] ?? '');
    return true;
  } catch {
    return false;
  }
}

/** For a part of a page the browser says what it has already, and Next fails where it cannot read that. */
function hasReadableState({ headers }: IncomingMessage): boolean {
  if (headers['rsc'] !== '1') return true;
  try {
    parseAndValidateFlightRouterState(headers['next-router-state-tree']);
    return true;
  } catch {
    return false;
  }
}

/** A page that finds no database half-way can only break off. On a busy server Postgres was heard a moment ago, and this asks nothing. */
async function demandDatabase(database: Database): Promise<void> {
  if (isSilent(database)) await withoutTenant(database, (tx) => tx.query('select 1'));
}
