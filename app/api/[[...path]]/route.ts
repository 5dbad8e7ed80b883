import { doors, families } from '@/app/api/_routes/doors';
import { answerProblems, createApi } from '@/lib/http/api';
import { safeStudio } from '@/lib/http/studio';

/** For hosts that run only Next. With our own server these requests are answered in front of Next and never get here. */
let api: Promise<ReturnType<typeof createApi>> | undefined;

async function open(): Promise<ReturnType<typeof createApi>> {
  const composition = await safeStudio();
  const app = createApi(composition, doors, families);
  answerProblems(app, composition, doors, families);
  return app;
}

async function answer(request: Request): Promise<Response> {
  api ??= open();
  try {
    return await (await api).fetch(request);
  } catch (error) {
    api = undefined;
    throw error;
  }
}

export const dynamic = 'force-dynamic';
export { answer as DELETE, answer as GET, answer as PATCH, answer as POST, answer as PUT };
