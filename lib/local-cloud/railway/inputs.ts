import { randomUUID } from 'node:crypto';
import { ApiError } from './errors';
import { nextUid } from './uids';
import { freshSettings, noSource, type Instance, type InstanceSettings, type Store } from './state';

export interface SourceInput {
  repo?: string | null;
  image?: string | null;
}

/** Absent leaves a setting as it is, null takes it back. */
export type InstanceInput = { [Name in keyof InstanceSettings]?: InstanceSettings[Name] | null } & { source?: SourceInput | null };

const MAX_NAME_LENGTH = 100;
const MAX_SECONDS = 3600;
const MAX_RETRIES = 100;

export const now = (): string => new Date().toISOString();

export function readName(name: string): string {
  const trimmed = name.trim();
  if (trimmed === '' || trimmed.length > MAX_NAME_LENGTH) throw new ApiError(`A name has 1 to ${MAX_NAME_LENGTH} characters.`);
  return trimmed;
}

export function newInstance(store: Store, service: { id: string; projectId: string }, environmentId: string): Instance {
  return {
    id: randomUUID(), projectId: service.projectId, serviceId: service.id, environmentId, createdAt: now(),
    settings: freshSettings(), source: noSource(), variables: {}, domain: null, uid: nextUid(store.data),
  };
}

/** A repository takes the place of an image and the other way round. */
export function fill(instance: Instance, { repo, image, branch }: SourceInput & { branch?: string | null }): void {
  if (repo != null && image != null) throw new ApiError('A source is a repository or an image, not both.');
  if (repo != null) instance.source = { repo, image: null, branch: branch ?? null };
  else if (image != null) instance.source = { repo: null, image, branch: null };
  else if (branch != null && instance.source.repo !== null) instance.source.branch = branch;
}

export function changeOf({ source: _, ...input }: InstanceInput): Partial<InstanceSettings> {
  const { builder, restartPolicyType, restartPolicyMaxRetries, healthcheckTimeout, drainingSeconds, ...texts } = input;
  const fresh = freshSettings();
  checkRange('healthcheckTimeout', healthcheckTimeout, 1, MAX_SECONDS);
  checkRange('drainingSeconds', drainingSeconds, 0, MAX_SECONDS);
  checkRange('restartPolicyMaxRetries', restartPolicyMaxRetries, 0, MAX_RETRIES);
  return {
    ...Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, text === '' ? null : text])),
    ...(builder === undefined ? {} : { builder: builder ?? fresh.builder }),
    ...(restartPolicyType === undefined ? {} : { restartPolicyType: restartPolicyType ?? fresh.restartPolicyType }),
    ...(restartPolicyMaxRetries === undefined ? {} : { restartPolicyMaxRetries: restartPolicyMaxRetries ?? fresh.restartPolicyMaxRetries }),
    ...(healthcheckTimeout === undefined ? {} : { healthcheckTimeout }),
    ...(drainingSeconds === undefined ? {} : { drainingSeconds }),
  };
}

function checkRange(name: string, value: number | null | undefined, from: number, to: number): void {
  if (value != null && (value < from || value > to)) throw new ApiError(`${name} must be between ${from} and ${to}.`);
}
