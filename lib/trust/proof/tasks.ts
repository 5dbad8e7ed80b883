import { z } from 'zod';
import type { Ctx, Ports } from '@/lib/context';
import { endAbandonedThrowAways } from '@/lib/identity/throw-away/end-throw-aways';
import { newUuid } from '@/lib/kernel/ids';
import type { ProbedApi } from './api-part';
import { runProof } from './run-proof';

const ProveIsolation = z.object({ organization_id: z.uuid(), proof_id: z.uuid() });

/** What the worker does for proofs, by task name. */
export function proofTasks(ports: Ports, api: ProbedApi): Record<string, (payload: unknown) => Promise<void>> {
  const context = (): Ctx => ({ ...ports, actor: { kind: 'system', job: 'prover' }, requestId: newUuid(), ip: null, userAgent: null });
  return {
    async 'prove-isolation'(payload) {
      const { organization_id: organizationId, proof_id: proofId } = ProveIsolation.parse(payload);
      await runProof(context(), { organizationId, proofId }, api);
    },
    async 'end-throw-aways'() {
      const ctx = context();
      const ended = await endAbandonedThrowAways(ctx);
      if (ended > 0) ctx.log.info({ ended }, 'removed what proofs left behind');
    },
  };
}
