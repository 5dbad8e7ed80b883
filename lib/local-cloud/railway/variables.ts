import { z } from 'zod';
import { ApiError } from './errors';
import type { Deployment, Instance, Store } from './state';

const shape = z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.string().refine((value) => !value.includes('\0')));

/** Names that a shell knows and text that a process can be given; nothing is said about the value itself. */
export function readVariables(input: unknown): Record<string, string> {
  const parsed = shape.safeParse(input ?? {});
  if (parsed.success) return parsed.data;
  throw new ApiError('The variables are not valid: names are letters, digits and underscores, values are text.');
}

/** What Railway gives every service; `deployment` is absent when no deployment is meant. */
export function providedVariables(store: Store, instance: Instance, deployment?: Deployment): Record<string, string> {
  const { projects, environments, services } = store.data;
  const nameOf = (list: ReadonlyArray<{ id: string; name: string }>, id: string): string => list.find((entry) => entry.id === id)?.name ?? '';
  return {
    RAILWAY_PROJECT_ID: instance.projectId,
    RAILWAY_PROJECT_NAME: nameOf(projects, instance.projectId),
    RAILWAY_ENVIRONMENT_ID: instance.environmentId,
    RAILWAY_ENVIRONMENT_NAME: nameOf(environments, instance.environmentId),
    RAILWAY_SERVICE_ID: instance.serviceId,
    RAILWAY_SERVICE_NAME: nameOf(services, instance.serviceId),
    ...(instance.domain === null ? {} : { RAILWAY_PUBLIC_DOMAIN: domainText(instance.domain.port) }),
    ...(deployment === undefined ? {} : { RAILWAY_DEPLOYMENT_ID: deployment.id }),
  };
}

/** Without a scheme, as Railway writes domains; here the scheme is http. */
export const domainText = (port: number): string => `localhost:${port}`;

/** The variables of an instance with `${{NAME}}`, `${{shared.NAME}}` and `${{Service.NAME}}` replaced; unknown ones become empty. */
export function renderedVariables(store: Store, instance: Instance): Record<string, string> {
  const own = { ...instance.variables, ...providedVariables(store, instance) };
  return Object.fromEntries(Object.entries(instance.variables).map(([name, value]) => [name, render(store, instance, own, value, 0)]));
}

const REFERENCE = /\$\{\{\s*(?:([\w -]+?)\.)?(\w+)\s*\}\}/g;
/** References that lead in a circle end as empty text. */
const MAX_HOPS = 8;

function render(store: Store, instance: Instance, own: Readonly<Record<string, string>>, value: string, hops: number): string {
  return value.replaceAll(REFERENCE, (_, namespace: string | undefined, name: string) => {
    if (hops >= MAX_HOPS) return '';
    if (namespace === undefined) return render(store, instance, own, own[name] ?? '', hops + 1);
    if (namespace === 'shared') return store.data.environments.find(({ id }) => id === instance.environmentId)?.variables[name] ?? '';
    const service = store.data.services.find((other) => other.projectId === instance.projectId && other.name === namespace);
    const other = store.data.instances.find(({ serviceId, environmentId }) => serviceId === service?.id && environmentId === instance.environmentId);
    if (other === undefined) return '';
    const theirs = { ...other.variables, ...providedVariables(store, other) };
    return render(store, other, theirs, theirs[name] ?? '', hops + 1);
  });
}
