import { shownProblem } from '@/app/_forms/problem';
import { notify } from '@/app/_ui/notify';
import { apiPost } from '@/lib/http/client';
import { paths } from '@/lib/paths';

/** Ends the session here and on the server; a whole page load leaves nothing of it in memory. */
export async function signOut(): Promise<void> {
  try {
    await apiPost('/auth/logout', {}, null);
    window.location.assign(paths.signIn);
  } catch (error) {
    const { title, detail } = shownProblem(error);
    notify('error', { title, description: detail });
  }
}
