import type { FaultInput } from '@/lib/local-cloud/appwrite/faults';
import type { RunningStudio } from '../support/studio';

/** Switches a failure of the stand-in on. */
export async function addFault({ appwriteUrl }: Pick<RunningStudio, 'appwriteUrl'>, fault: FaultInput): Promise<void> {
  const answer = await fetch(new URL('/_faults', appwriteUrl), { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(fault) });
  if (answer.status !== 201) throw new Error(`the stand-in took no fault: ${await answer.text()}`);
}

/** All failures off, all delays gone. */
export async function clearFaults({ appwriteUrl }: Pick<RunningStudio, 'appwriteUrl'>): Promise<void> {
  await fetch(new URL('/_faults', appwriteUrl), { method: 'DELETE' });
}
