import { parseCronItems, type CronItem, type ParsedCronItem, type TaskList } from 'graphile-worker';
import { z } from 'zod';
import { createSmtpMailer } from '@/lib/adapters/mail/smtp';
import type { Composition } from '@/lib/composition';
import { contextFor } from '@/lib/composition';
import type { Ctx } from '@/lib/context';
import { required } from '@/lib/env';
import { asSystem } from '@/lib/identity/access/as-system';
import { openMail } from '@/lib/identity/mail/queue-mail';
import { purgeStale } from '@/lib/identity/session/purge-stale';
import { resealSessions } from '@/lib/projects/instance/reseal-sessions';
import { deploymentSagas } from '@/lib/deployments/sagas';
import { deploymentCrontab, deploymentTasks } from '@/lib/deployments/tasks';
import { projectSagas } from '@/lib/projects/sagas';
import { createProjectTasks, projectCrontab } from '@/lib/projects/tasks';
import { countKeys, type KeyCount } from '@/lib/trust/vault/count-keys';
import type { ProbedApi } from '@/lib/trust/proof/api-part';
import { resealSigningKeys } from '@/lib/trust/proof/signing';
import { proofTasks } from '@/lib/trust/proof/tasks';
import { rotateKeys } from '@/lib/trust/vault/rotate-keys';
import { purgeDeliveries } from '@/lib/webhooks/delivery/purge-deliveries';
import { webhookTasks } from '@/lib/webhooks/tasks';

const MailPayload = z.object({ sealed: z.string() });

/** Every job that the worker knows. A door like any other: it makes a context and calls verbs. */
export async function createTasks(composition: Composition, api: ProbedApi): Promise<{ taskList: TaskList; close: () => Promise<void> }> {
  const { env } = composition;
  const mailer = createSmtpMailer(required('SMTP_URL', env.SMTP_URL), env.MAIL_FROM);
  const projectTasks = await createProjectTasks(composition, { ...projectSagas, ...deploymentSagas });
  const taskList: TaskList = {
    ...projectTasks,
    ...deploymentTasks(composition.ports),
    ...webhookTasks(composition.ports),
    ...proofTasks(composition.ports, api),
    async 'send-mail'(payload) {
      const { sealed } = MailPayload.parse(payload);
      await mailer.send(openMail(composition.ports.vault, sealed));
    },
    async 'purge-stale'() {
      const ctx = contextFor(composition, { actor: { kind: 'system', job: 'janitor' } });
      await asSystem(ctx, 'purge', async (tx) => {
        await purgeStale(tx);
        await purgeDeliveries(tx);
      });
    },
    async 'rotate-keys'() {
      await keepKeys(contextFor(composition, { actor: { kind: 'system', job: 'rotation' } }));
    },
  };
  return {
    taskList,
    close() {
      mailer.close();
      return Promise.resolve();
    },
  };
}

let toldSettled = false;

/** Nothing happens while everything is under the first key, which is told once; what is left under another one is in the log each time. */
async function keepKeys(ctx: Ctx): Promise<void> {
  const [first] = ctx.vault.keyIds;
  const settled = ({ uses, retired_data_keys: retired }: KeyCount) => retired === 0 && uses.every(({ key_id: id }) => id === first);
  const before = await countKeys(ctx);
  if (settled(before)) {
    if (!toldSettled) ctx.log.info({ left: [], retired_data_keys: 0 }, 'keys rotated');
    toldSettled = true;
    return;
  }
  toldSettled = false;
  const sessions = await resealSessions(ctx);
  const signing = await resealSigningKeys(ctx);
  const rotation = await rotateKeys(ctx);
  const { uses, retired_data_keys } = await countKeys(ctx);
  ctx.log.info({ rotation: { ...rotation, sessions, signing }, left: uses.filter(({ key_id: id }) => id !== first), retired_data_keys }, 'keys rotated');
}

const items: CronItem[] = [
  { task: 'purge-stale', match: '17 * * * *', identifier: 'purge-stale' },
  { task: 'end-throw-aways', match: '47 * * * *', identifier: 'end-throw-aways' },
  // One after the other: a run that takes longer than the time between two is not doubled.
  { task: 'rotate-keys', match: '*/5 * * * *', identifier: 'rotate-keys', options: { backfillPeriod: 0, queueName: 'rotate-keys', jobKey: 'rotate-keys' } },
  ...projectCrontab,
  ...deploymentCrontab,
];

/** What runs by the clock. */
export const parsedCronItems: ParsedCronItem[] = parseCronItems(items);
