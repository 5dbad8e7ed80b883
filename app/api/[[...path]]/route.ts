import { doors, families } from '@/app/api/_routes/doors';
import { createApi } from '@/lib/http/api';
import { studio } from '@/lib/http/studio';

/** For hosts that run only Next. With our own server these requests are answered in front of Next and never get here. */
let api: ReturnType<typeof createApi> | undefined;

function answer(request: Request): Response | Promise<Response> {
  api ??= createApi(studio(), doors, families);
  return api.fetch(request);
}

export const dynamic = 'force-dynamic';
export { answer as DELETE, answer as GET, answer as PATCH, answer as POST, answer as PUT };
