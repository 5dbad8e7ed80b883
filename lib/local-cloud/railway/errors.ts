/** What a caller is told, in Railway's own words where they are known. Anything else that is thrown stays inside. */
export class ApiError extends Error {}

export const notAuthorized = (): ApiError => new ApiError('Not Authorized');
export const notFound = (what: 'Project' | 'Environment' | 'Service' | 'ServiceInstance' | 'Deployment'): ApiError => new ApiError(`${what} not found`);
