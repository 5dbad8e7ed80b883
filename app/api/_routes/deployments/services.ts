import { door } from '@/lib/http/door';
import { getDrift } from '@/lib/deployments/drift/get-drift';
import { resolveDrift } from '@/lib/deployments/drift/resolve-drift';
import { DriftView, OfDrift, ResolveDrift } from '@/lib/deployments/drift/schemas';
import { getService } from '@/lib/deployments/service/get-service';
import { removeService } from '@/lib/deployments/service/remove-service';
import { OfService, ServiceAnswer } from '@/lib/deployments/service/schemas';

export const serviceDoors = [
  door({
    method: 'get', path: '/projects/{project}/service', tag: 'Deployments', query: OfService, status: 200, returns: ServiceAnswer,
    summary: 'The app of an environment: its source, settings and address',
    run: (ctx, { params, query }) => getService(ctx, params.project, query),
  }),
  door({
    method: 'delete', path: '/projects/{project}/service', tag: 'Deployments', query: OfService, status: 202, returns: ServiceAnswer,
    summary: 'Remove the app of an environment at Railway; its history and logs stay',
    run: (ctx, { params, query }) => removeService(ctx, params.project, query),
  }),
  door({
    method: 'get', path: '/projects/{project}/drift', tag: 'Deployments', query: OfDrift, status: 200, returns: DriftView,
    summary: 'How the variables at Railway differ from those in Studio',
    run: (ctx, { params, query }) => getDrift(ctx, params.project, query),
  }),
  door({
    method: 'post', path: '/projects/{project}/drift/resolve', tag: 'Deployments', body: ResolveDrift, status: 202, returns: DriftView,
    summary: 'End the differences by keeping one side',
    run: (ctx, { params, body }) => resolveDrift(ctx, params.project, body),
  }),
];
