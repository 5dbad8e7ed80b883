/**
 * The part of Railway's public schema that is in use: names, types and defaults are Railway's own, and a test holds
 * them against its introspection. No object leads back to one above it, so a query cannot be made deep.
 */
export const schemaText = /* GraphQL */ `
scalar DateTime
scalar DeploymentMeta
scalar EnvironmentVariables

enum Builder { HEROKU NIXPACKS PAKETO RAILPACK }
enum DeploymentStatus { BUILDING CRASHED DEPLOYING FAILED INITIALIZING NEEDS_APPROVAL QUEUED REMOVED REMOVING SKIPPED SLEEPING SUCCESS WAITING }
enum RestartPolicyType { ALWAYS NEVER ON_FAILURE }

type Query {
  apiToken: ApiTokenContext!
  buildLogs(deploymentId: String!, endDate: DateTime, filter: String, limit: Int, startDate: DateTime): [Log!]!
  deployment(id: String!): Deployment!
  deploymentLogs(deploymentId: String!, endDate: DateTime, filter: String, limit: Int, startDate: DateTime): [Log!]!
  deployments(after: String, before: String, first: Int, input: DeploymentListInput!, last: Int): QueryDeploymentsConnection!
  domains(environmentId: String!, projectId: String!, serviceId: String!): AllDomains!
  environments(after: String, before: String, first: Int, isEphemeral: Boolean, last: Int, projectId: String!): QueryEnvironmentsConnection!
  me: User!
  project(id: String!): Project!
  projectToken: ProjectToken!
  projects(after: String, before: String, first: Int, last: Int, workspaceId: String): QueryProjectsConnection!
  service(id: String!): Service!
  serviceInstance(environmentId: String!, serviceId: String!): ServiceInstance!
  variables(environmentId: String!, projectId: String!, serviceId: String, unrendered: Boolean): EnvironmentVariables!
}

type Mutation {
  deploymentCancel(id: String!): Boolean!
  deploymentRedeploy(id: String!, usePreviousImageTag: Boolean): Deployment!
  deploymentRestart(id: String!): Boolean!
  deploymentRollback(id: String!): Boolean!
  deploymentStop(id: String!): Boolean!
  environmentCreate(input: EnvironmentCreateInput!): Environment!
  environmentDelete(id: String!): Boolean!
  projectCreate(input: ProjectCreateInput!): Project!
  projectDelete(id: String!): Boolean!
  serviceConnect(id: String!, input: ServiceConnectInput!): Service!
  serviceCreate(input: ServiceCreateInput!): Service!
  serviceDelete(environmentId: String, id: String!): Boolean!
  serviceDomainCreate(input: ServiceDomainCreateInput!): ServiceDomain!
  serviceInstanceDeployV2(commitSha: String, environmentId: String!, serviceId: String!): String!
  serviceInstanceUpdate(environmentId: String, input: ServiceInstanceUpdateInput!, serviceId: String!): Boolean!
  variableCollectionUpsert(input: VariableCollectionUpsertInput!): Boolean!
}

type Subscription {
  buildLogs(deploymentId: String!, filter: String, limit: Int): [Log!]!
  deployment(id: String!): Deployment!
  deploymentLogs(deploymentId: String!, filter: String, limit: Int): [Log!]!
}

type User { createdAt: DateTime! email: String! id: ID! name: String username: String workspaces: [Workspace!]! }
type Workspace { createdAt: DateTime! id: ID! name: String! }
type ApiTokenContext { workspaces: [ApiTokenWorkspace!]! }
type ApiTokenWorkspace { id: String! name: String! }
type ProjectToken { environmentId: String! id: ID! name: String! projectId: String! }
type PageInfo { endCursor: String hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String }

type Project {
  baseEnvironmentId: String
  createdAt: DateTime!
  deletedAt: DateTime
  description: String
  environments(after: String, before: String, first: Int, isEphemeral: Boolean, last: Int): ProjectEnvironmentsConnection!
  id: ID!
  name: String!
  services(after: String, before: String, first: Int, last: Int): ProjectServicesConnection!
  updatedAt: DateTime!
  workspaceId: String
}
type Environment { createdAt: DateTime! deletedAt: DateTime id: ID! isEphemeral: Boolean! name: String! projectId: String! updatedAt: DateTime! }
type Service { createdAt: DateTime! deletedAt: DateTime id: ID! name: String! projectId: String! updatedAt: DateTime! }
type ServiceSource { image: String repo: String }
type ServiceInstance {
  buildCommand: String
  builder: Builder!
  createdAt: DateTime!
  domains: AllDomains!
  drainingSeconds: Int
  environmentId: String!
  healthcheckPath: String
  healthcheckTimeout: Int
  id: ID!
  latestDeployment: Deployment
  restartPolicyMaxRetries: Int!
  restartPolicyType: RestartPolicyType!
  rootDirectory: String
  serviceId: String!
  serviceName: String!
  source: ServiceSource
  startCommand: String
  updatedAt: DateTime!
}
type Deployment {
  canRedeploy: Boolean!
  canRollback: Boolean!
  createdAt: DateTime!
  deploymentStopped: Boolean!
  environmentId: String!
  id: ID!
  meta: DeploymentMeta
  projectId: String!
  serviceId: String
  staticUrl: String
  status: DeploymentStatus!
  statusUpdatedAt: DateTime
  updatedAt: DateTime!
  url: String
}
type AllDomains { customDomains: [CustomDomain!]! serviceDomains: [ServiceDomain!]! }
type CustomDomain { domain: String! environmentId: String! id: ID! serviceId: String! targetPort: Int }
type ServiceDomain { createdAt: DateTime domain: String! environmentId: String! id: ID! projectId: String serviceId: String! suffix: String targetPort: Int updatedAt: DateTime }
type Log { attributes: [LogAttribute!]! message: String! severity: String tags: LogTags timestamp: String! }
type LogAttribute { key: String! value: String! }
type LogTags { deploymentId: String environmentId: String projectId: String serviceId: String }

type QueryProjectsConnection { edges: [QueryProjectsConnectionEdge!]! pageInfo: PageInfo! }
type QueryProjectsConnectionEdge { cursor: String! node: Project! }
type QueryEnvironmentsConnection { edges: [QueryEnvironmentsConnectionEdge!]! pageInfo: PageInfo! }
type QueryEnvironmentsConnectionEdge { cursor: String! node: Environment! }
type ProjectEnvironmentsConnection { edges: [ProjectEnvironmentsConnectionEdge!]! pageInfo: PageInfo! }
type ProjectEnvironmentsConnectionEdge { cursor: String! node: Environment! }
type ProjectServicesConnection { edges: [ProjectServicesConnectionEdge!]! pageInfo: PageInfo! }
type ProjectServicesConnectionEdge { cursor: String! node: Service! }
type QueryDeploymentsConnection { edges: [QueryDeploymentsConnectionEdge!]! pageInfo: PageInfo! }
type QueryDeploymentsConnectionEdge { cursor: String! node: Deployment! }

input DeploymentListInput { environmentId: String includeDeleted: Boolean projectId: String serviceId: String status: DeploymentStatusInput }
input DeploymentStatusInput { in: [DeploymentStatus!] notIn: [DeploymentStatus!] }
input EnvironmentCreateInput {
  applyChangesInBackground: Boolean
  ephemeral: Boolean
  name: String!
  projectId: String!
  skipInitialDeploys: Boolean
  sourceEnvironmentId: String
  stageInitialChanges: Boolean
}
input ProjectCreateInput { defaultEnvironmentName: String description: String isPublic: Boolean name: String prDeploys: Boolean workspaceId: String }
input ServiceSourceInput { image: String repo: String }
input ServiceCreateInput { branch: String environmentId: String icon: String name: String projectId: String! source: ServiceSourceInput variables: EnvironmentVariables }
input ServiceConnectInput { branch: String image: String repo: String }
input ServiceDomainCreateInput { environmentId: String! serviceId: String! targetPort: Int }
input ServiceInstanceUpdateInput {
  buildCommand: String
  builder: Builder
  drainingSeconds: Int
  healthcheckPath: String
  healthcheckTimeout: Int
  restartPolicyMaxRetries: Int
  restartPolicyType: RestartPolicyType
  rootDirectory: String
  source: ServiceSourceInput
  startCommand: String
}
input VariableCollectionUpsertInput {
  environmentId: String!
  projectId: String!
  replace: Boolean = false
  serviceId: String
  skipDeploys: Boolean = false
  variables: EnvironmentVariables!
}
`;
