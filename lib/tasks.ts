import { parseCronItems, type CronItem, type ParsedCronItem, type TaskList } from 'graphile-worker';
import { z } from 'zod';
import { createSmtpMailer } from '@/lib/adapters/mail/smtp';
import type { Composition } from '@/lib/composition';
import { contextFor } from '@/lib/composition';
import { required } from '@/lib/env';
import { asSystem } from '@/lib/identity/access/as-system';
import { openMail } from '@/lib/identity/mail/queue-mail';
import { purgeStale } from '@/lib/identity/session/purge-stale';
import { createProjectTasks, projectCrontab } from '@/lib/projects/tasks';

const MailPayload = z.object({ sealed: z.string() });

/** Every job that the worker knows. A door like any other: it makes a context and calls verbs. */
export async function createTasks(composition: Composition): Promise<{ taskList: TaskList; close: () => Promise<void> }> {
  const { env } = composition;
  const mailer = createSmtpMailer(required('SMTP_URL', env.SMTP_URL), env.MAIL_FROM);
  const projectTasks = await createProjectTasks(composition);
  const taskList: TaskList = {
    ...projectTasks,
    async 'send-mail'(payload) {
      const { sealed } = MailPayload.parse(payload);
      await mailer.send(openMail(composition.ports.vault, sealed));
    },
    async 'purge-stale'() {
      const ctx = contextFor(composition, { actor: { kind: 'system', job: 'janitor' } });
      await asSystem(ctx, 'purge', purgeStale);
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

const items: CronItem[] = [{ task: 'purge-stale', match: '17 * * * *', identifier: 'purge-stale' }, ...projectCrontab];

/** What runs by the clock. */
export const parsedCronItems: ParsedCronItem[] = parseCronItems(items);
