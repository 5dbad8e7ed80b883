/** Jobs that act without a person. Each is named here and may do only what its verbs allow. */
export type SystemJob = 'provisioning' | 'reconciler' | 'janitor' | 'rotation' | 'webhooks' | 'prover' | 'demo';

/** Who acts. A closed union: a new kind of actor does not compile until every switch knows it. */
export type Actor =
  | { kind: 'anonymous' }
  | { kind: 'user'; userId: string; sessionId: string; name: string; organizationId?: string }
  | { kind: 'api_key'; keyId: string; name: string; organizationId: string; projectId: string | null; scopes: readonly string[] }
  | { kind: 'system'; job: SystemJob };

export type UserActor = Extract<Actor, { kind: 'user' }>;

/** The uuid that row policies know as `app.current_user`; jobs and guests have none. */
export function actorId(actor: Actor): string | null {
  switch (actor.kind) {
    case 'user':
      return actor.userId;
    case 'api_key':
      return actor.keyId;
    case 'system':
    case 'anonymous':
      return null;
  }
}
