import type { ClientBase } from 'pg';

/** Plans live in the database so that an operator can change them; these are the ones a new installation starts with. */
const initialPlans = [
  { key: 'free', name: 'Free', limits: { members: 10, projects: 10, deployments: 100 } },
  { key: 'team', name: 'Team', limits: { members: 50, projects: 100, deployments: 5000 } },
  { key: 'scale', name: 'Scale', limits: { members: null, projects: null, deployments: null } },
];

export async function seedPlans(client: ClientBase): Promise<void> {
  for (const [position, plan] of initialPlans.entries()) {
    await client.query(
      `insert into plans (key, name, limits, position) values ($1, $2, $3, $4) on conflict (key) do nothing`,
      [plan.key, plan.name, JSON.stringify(plan.limits), position],
    );
  }
}
