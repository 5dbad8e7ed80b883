import { randomBytes } from 'node:crypto';
import { testDeployments, type TestDeployments } from '../../deployments/support/studio';
import { makeCast, type Cast } from './actors';
import { keepRows, type KeptRows } from './kept-rows';
import { fillOrganization, type Side } from './organization';
import { privateValues } from './private-values';
import { stillClouds, type StillClouds } from './still-clouds';
import { password } from './values';

/** Two organizations with one of everything, and everybody who could come to the doors of the first. */
export interface RouteWorld {
  studio: TestDeployments;
  victim: Side;
  attacker: Side;
  cast: Cast;
  kept: KeptRows;
  /** Texts that only the victim's organization has, and those that only the other one has. */
  secretOf: { victim: string[]; attacker: string[] };
  clouds: StillClouds;
  close(): Promise<void>;
}

export async function makeRouteWorld(): Promise<RouteWorld> {
  const studio = await testDeployments();
  const word = (side: string) => `${side}-${randomBytes(6).toString('hex')}`;
  const victim = await fillOrganization(studio, studio.owner, studio.organization, { word: word('victim'), projects: 2 });
  const other = await studio.person({ firstName: word('attacker') });
  const attacker = await fillOrganization(studio, other, await studio.newOrganization(other, word('attacker')), { word: word('attacker'), projects: 1 });
  const cast = await makeCast(studio, victim, attacker);
  // Every other person of a test is called so, on both sides.
  await studio.raw('update audit_logs set actor_name = $1 where actor_user_id = $2', [victim.ids['confirm_name'], studio.owner.id]);
  const hash = await studio.ports.passwords.hash(password);
  await studio.raw('insert into user_credentials (user_id, password_hash) select id, $1 from users on conflict do nothing', [hash]);
  const [kept, ofVictim, ofAttacker] = [await keepRows(studio.urls.ownerUrl), await privateValues(studio, victim, attacker), await privateValues(studio, attacker, victim)];
  return {
    studio, victim, attacker, cast, kept,
    secretOf: { victim: ofVictim, attacker: ofAttacker },
    clouds: stillClouds(studio.ports),
    async close() {
      await kept.close();
      await studio.close();
    },
  };
}
