import { z } from 'zod';
import { door } from '@/lib/http/door';
import { createOrganization } from '@/lib/identity/organization/create-organization';
import { getOrganization } from '@/lib/identity/organization/get-organization';
import { listOrganizations } from '@/lib/identity/organization/list-organizations';
import { CreateOrganization, OrganizationView, UpdateOrganization } from '@/lib/identity/organization/schemas';
import { updateOrganization } from '@/lib/identity/organization/update-organization';

export const organizationDoors = [
  door({
    method: 'get', path: '/organizations', tag: 'Organizations', status: 200, returns: z.object({ data: z.array(OrganizationView), next_cursor: z.null() }),
    summary: 'The organizations of the signed-in person',
    run: async (ctx) => ({ data: await listOrganizations(ctx), next_cursor: null }),
  }),
  door({
    method: 'post', path: '/organizations', tag: 'Organizations', body: CreateOrganization, status: 201, returns: OrganizationView,
    summary: 'Create an organization and become its owner',
    run: (ctx, { body }) => createOrganization(ctx, body),
  }),
  door({
    method: 'get', path: '/organizations/{organization}', tag: 'Organizations', status: 200, returns: OrganizationView,
    summary: 'One organization with the caller\'s role and rights',
    run: (ctx, { params }) => getOrganization(ctx, params.organization),
  }),
  door({
    method: 'patch', path: '/organizations/{organization}', tag: 'Organizations', body: UpdateOrganization, status: 200, returns: OrganizationView,
    summary: 'Change name, address or subdomain',
    run: (ctx, { params, body }) => updateOrganization(ctx, params.organization, body),
  }),
];
