/**
 * Every operation that Studio asks of Railway, with no field more than it reads. Each document holds one operation
 * named like its field, and a test holds all of them against Railway's own schema.
 */
const named = 'id name';
const project = `id name deletedAt
    environments { edges { node { ${named} } } }
    services { edges { node { ${named} deletedAt } } }`;
const deployment = 'id status createdAt statusUpdatedAt staticUrl url canRedeploy canRollback deploymentStopped meta';
const logLine = 'timestamp severity message';

export const meDocument = `query me { me { name email workspaces { ${named} } } }`;
/** Answers for a workspace token as well, which has nobody behind it. */
export const apiTokenDocument = `query apiToken { apiToken { workspaces { ${named} } } }`;
export const projectTokenDocument = 'query projectToken { projectToken { projectId } }';

export const projectsDocument = `query projects($workspaceId: String!, $first: Int!, $after: String) {
  projects(workspaceId: $workspaceId, first: $first, after: $after) {
    edges { node { ${named} deletedAt } }
    pageInfo { hasNextPage endCursor }
  }
}`;
export const projectDocument = `query project($id: String!) {
  project(id: $id) { ${project} }
}`;
export const projectCreateDocument = `mutation projectCreate($input: ProjectCreateInput!) {
  projectCreate(input: $input) { ${project} }
}`;
export const projectDeleteDocument = 'mutation projectDelete($id: String!) { projectDelete(id: $id) }';

export const environmentCreateDocument = `mutation environmentCreate($input: EnvironmentCreateInput!) {
  environmentCreate(input: $input) { ${named} }
}`;

export const serviceCreateDocument = `mutation serviceCreate($input: ServiceCreateInput!) {
  serviceCreate(input: $input) { ${named} }
}`;
export const serviceDeleteDocument = 'mutation serviceDelete($id: String!) { serviceDelete(id: $id) }';
export const serviceInstanceUpdateDocument = `mutation serviceInstanceUpdate($serviceId: String!, $environmentId: String!, $input: ServiceInstanceUpdateInput!) {
  serviceInstanceUpdate(serviceId: $serviceId, environmentId: $environmentId, input: $input)
}`;
export const serviceConnectDocument = `mutation serviceConnect($id: String!, $input: ServiceConnectInput!) {
  serviceConnect(id: $id, input: $input) { id }
}`;

export const domainsDocument = `query domains($projectId: String!, $environmentId: String!, $serviceId: String!) {
  domains(projectId: $projectId, environmentId: $environmentId, serviceId: $serviceId) { serviceDomains { domain } }
}`;
export const serviceDomainCreateDocument = `mutation serviceDomainCreate($input: ServiceDomainCreateInput!) {
  serviceDomainCreate(input: $input) { domain }
}`;

export const variablesDocument = `query variables($projectId: String!, $environmentId: String!, $serviceId: String!) {
  variables(projectId: $projectId, environmentId: $environmentId, serviceId: $serviceId, unrendered: true)
}`;
export const variableCollectionUpsertDocument = `mutation variableCollectionUpsert($input: VariableCollectionUpsertInput!) {
  variableCollectionUpsert(input: $input)
}`;

export const serviceInstanceDeployDocument = `mutation serviceInstanceDeployV2($serviceId: String!, $environmentId: String!, $commitSha: String) {
  serviceInstanceDeployV2(serviceId: $serviceId, environmentId: $environmentId, commitSha: $commitSha)
}`;
export const deploymentDocument = `query deployment($id: String!) {
  deployment(id: $id) { ${deployment} }
}`;
export const deploymentsDocument = `query deployments($input: DeploymentListInput!, $first: Int!) {
  deployments(input: $input, first: $first) { edges { node { ${deployment} } } }
}`;
export const deploymentRedeployDocument = `mutation deploymentRedeploy($id: String!) {
  deploymentRedeploy(id: $id) { ${deployment} }
}`;
export const deploymentRestartDocument = 'mutation deploymentRestart($id: String!) { deploymentRestart(id: $id) }';
export const deploymentRollbackDocument = 'mutation deploymentRollback($id: String!) { deploymentRollback(id: $id) }';
export const deploymentStopDocument = 'mutation deploymentStop($id: String!) { deploymentStop(id: $id) }';
export const deploymentCancelDocument = 'mutation deploymentCancel($id: String!) { deploymentCancel(id: $id) }';

export const buildLogsDocument = `query buildLogs($deploymentId: String!, $limit: Int!, $startDate: DateTime) {
  buildLogs(deploymentId: $deploymentId, limit: $limit, startDate: $startDate) { ${logLine} }
}`;
export const deploymentLogsDocument = `query deploymentLogs($deploymentId: String!, $limit: Int!, $startDate: DateTime) {
  deploymentLogs(deploymentId: $deploymentId, limit: $limit, startDate: $startDate) { ${logLine} }
}`;

/** These begin with the newest lines, `limit` of them at most, and go on with every line as it is written. */
export const buildLogsSubscription = `subscription buildLogs($deploymentId: String!, $limit: Int!) {
  buildLogs(deploymentId: $deploymentId, limit: $limit) { ${logLine} }
}`;
export const deploymentLogsSubscription = `subscription deploymentLogs($deploymentId: String!, $limit: Int!) {
  deploymentLogs(deploymentId: $deploymentId, limit: $limit) { ${logLine} }
}`;
