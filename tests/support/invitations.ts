import { openMail } from '@/lib/identity/mail/queue-mail';
import type { TestStudio } from './context';

/** The token in the newest letter to an address, as its reader finds it in the link. */
export async function newestToken(studio: TestStudio, to: string): Promise<string> {
  const { vault } = studio.ctx({ kind: 'anonymous' });
  const jobs = await studio.raw<{ sealed: string }>(
    `select payload->>'sealed' as sealed from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
      where t.identifier = 'send-mail' order by j.id desc`,
  );
  const letter = jobs.map(({ sealed }) => openMail(vault, sealed)).find((message) => message.to === to);
  const token = letter === undefined ? undefined : /#token=([\w-]+)/.exec(letter.text)?.[1];
  if (token === undefined) throw new Error(`no letter with a link was queued for ${to}`);
  return token;
}
