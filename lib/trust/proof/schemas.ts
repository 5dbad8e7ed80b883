import { z } from 'zod';
import { pageQuery } from '@/lib/kernel/page';

export const ListProofs = z.strictObject(pageQuery);

export const proofStates = ['queued', 'running', 'finished', 'failed'] as const;

export const ProofView = z.object({
  id: z.string(),
  state: z.enum(proofStates),
  requested_by: z.object({ id: z.string(), name: z.string() }).nullable(),
  created_at: z.iso.datetime(),
  started_at: z.iso.datetime().nullable(),
  finished_at: z.iso.datetime().nullable(),
  /** Null until it is known how many there will be. */
  probes_planned: z.number().int().nullable(),
  probes_made: z.number().int(),
  leaks: z.number().int(),
  /** Why it failed; null otherwise. */
  reason: z.string().nullable(),
});

export type ProofView = z.infer<typeof ProofView>;

/** What was tried on one table or route, by whom, and what came of it. */
const Tried = z.object({
  object: z.string(),
  probes: z.number().int(),
  /** The server said no: a privilege, or a status of 401, 403 or 404. */
  refused: z.number().int(),
  /** It answered, with nothing of the organization. */
  empty: z.number().int(),
  leaks: z.number().int(),
  /** Set when there was nothing to ask for: no webhook exists, for example. */
  not_tried: z.string().optional(),
});

export type Tried = z.infer<typeof Tried>;

/** A probe that reached something. Nothing of what it reached is repeated but its id. */
const Leak = z.object({ object: z.string(), actor: z.string(), probe: z.string(), saw: z.string() });

export type Leak = z.infer<typeof Leak>;

/** What is signed. */
export const ProofReport = z.object({
  kind: z.literal('studio.isolation-proof'),
  version: z.literal(1),
  id: z.string(),
  /** Where this Studio is reached. */
  installation: z.string(),
  organization: z.object({ id: z.string(), name: z.string() }),
  requested_by: z.object({ id: z.string(), name: z.string() }).nullable(),
  started_at: z.iso.datetime(),
  finished_at: z.iso.datetime(),
  /** Who the probes were made as. */
  actors: z.array(z.object({ part: z.enum(['database', 'api']), name: z.string(), description: z.string() })),
  /** How many ids of the organization each answer was searched for. */
  searched_for: z.number().int(),
  probes: z.number().int(),
  leaks: z.number().int(),
  database: z.array(Tried),
  api: z.array(Tried),
  found: z.array(Leak),
});

export type ProofReport = z.infer<typeof ProofReport>;

export const ProofDetail = ProofView.extend({
  report: ProofReport.nullable(),
  /** The id of the key that signed it. */
  signed_with: z.string().nullable(),
});

export type ProofDetail = z.infer<typeof ProofDetail>;

export const ExportProof = z.strictObject({
  format: z.enum(['html', 'jws'], { error: 'The format must be html or jws.' }).default('html'),
});

/** A JSON Web Key Set (RFC 7517), public parts alone. */
export const SigningKeysView = z.object({
  keys: z.array(z.object({ kid: z.string(), kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string(), alg: z.literal('EdDSA'), use: z.literal('sig') })),
});

export type SigningKeysView = z.infer<typeof SigningKeysView>;
