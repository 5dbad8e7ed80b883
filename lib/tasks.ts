import { parseCronItems, type CronItem, type ParsedCronItem, type TaskList } from 'graphile-worker';
import { z } from 'zod';
import { createSmtpMailer } from '@/lib/adapters/mail/smtp';
import type { Composition } from '@/lib/composition';
import { contextFor } from '@/lib/composition';
import { required } from '@/lib/env';
import { asSystem } from '@/lib/identity/access/as-system';
import { openMail } from '@/lib/identity/mail/queue-mail';
import { purgeStale } from '@/lib/identity/session/purge-stale';
import { killAt } from '@/lib/projects/saga/fault';
import { projectTasks } from '@/lib/projects/tasks';
import { registerInstance } from '@/lib/projects/instance/register-instance';

const MailPayload = z.object({ sealed: z.string() });

/** Every job that the worker knows. A door like any other: it makes a context and calls verbs. */
export async function createTasks(composition: Composition): Promise<{ taskList: TaskList; close: () => Promise<void> }> {
  const { env } = composition;
  const mailer = createSmtpMailer(required('SMTP_URL', env.SMTP_URL), env.MAIL_FROM);
  await registerConfigured(composition);
  const taskList: TaskList = {
    ...projectTasks(composition.ports, env.FAULT === undefined ? {} : { faults: killAt(env.FAULT) }),
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

async function registerConfigured({ env, ports }: Composition): Promise<void> {
  if (env.APPWRITE_PLATFORM_ENDPOINT === undefined) return;
  await registerInstance(ports, {
    endpoint: env.APPWRITE_PLATFORM_ENDPOINT,
    ...(env.APPWRITE_PLATFORM_PUBLIC_ENDPOINT === undefined ? {} : { public_endpoint: env.APPWRITE_PLATFORM_PUBLIC_ENDPOINT }),
    ...(env.APPWRITE_PLATFORM_CAPACITY === undefined ? {} : { capacity: env.APPWRITE_PLATFORM_CAPACITY }),
    isolation: env.APPWRITE_PLATFORM_ISOLATION,
  });
}

const items: CronItem[] = [{ task: 'purge-stale', match: '17 * * * *', identifier: 'purge-stale' }];

/** What runs by the clock. */
export const parsedCronItems: ParsedCronItem[] = parseCronItems(items);
