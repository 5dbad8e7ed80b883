/** Every error the stand-in answers with, under Appwrite's own type, status and words. */
const CATALOG = {
  general_argument_invalid: [400, 'The request contains one or more invalid arguments.'],
  general_bad_request: [400, 'There was an error processing your request. Please check the inputs and try again.'],
  general_cursor_not_found: [400, 'The cursor is invalid. This can happen if the item represented by the cursor has been deleted.'],
  general_not_implemented: [501, 'This is a local development stand-in for Appwrite and does not implement this.'],
  general_query_invalid: [400, 'The query is invalid. Please check the query documentation for more information.'],
  general_rate_limit_exceeded: [429, 'Rate limit for the current endpoint has been exceeded. Please try again after some time.'],
  general_server_error: [500, 'Server Error'],
  general_smtp_disabled: [503, 'SMTP is disabled on your Appwrite instance. You can <a href="/docs/email-delivery">learn more about setting up SMTP</a> in our docs.'],
  general_unauthorized_scope: [401, 'The current user or API key does not have the required scopes to access the requested resource.'],
  general_unknown: [500, 'Server Error'],
  general_unknown_origin: [403, 'Invalid Origin.'],
  attribute_already_exists: [409, 'Attribute with the requested key already exists. Attribute keys must be unique, try again with a different key.'],
  attribute_default_unsupported: [400, 'Default values cannot be set for array or required attributes.'],
  attribute_not_available: [400, 'The requested attribute is not yet available. Please try again later.'],
  attribute_not_found: [404, 'Attribute with the requested key could not be found.'],
  attribute_type_invalid: [400, 'The attribute type is invalid.'],
  attribute_unknown: [400, 'The attribute required for the index could not be found. Please confirm all your attributes are in the available state.'],
  attribute_value_invalid: [400, 'The attribute value is invalid. Please check the type, range and value of the attribute.'],
  attribute_limit_exceeded: [400, 'The attribute has reached its limit.'],
  collection_already_exists: [409, 'A collection with the requested ID already exists. Try again with a different ID or use ID.unique() to generate a unique ID.'],
  collection_not_found: [404, 'Collection with the requested ID could not be found.'],
  column_already_exists: [409, 'Column with the requested key already exists. Column keys must be unique, try again with a different key.'],
  column_default_unsupported: [400, 'Cannot set default value for required column'],
  column_limit_exceeded: [400, 'The column has reached its limit.'],
  column_not_available: [400, 'The requested column is not yet available. Please try again later.'],
  column_not_found: [404, "Column with the requested key '%s' could not be found."],
  column_unknown: [400, 'The column required for the index could not be found. Please confirm all your columns are in the available state.'],
  column_value_invalid: [400, 'The column value is invalid. Please check the type, range and value of the column.'],
  database_already_exists: [409, 'Database already exists.'],
  database_not_found: [404, 'Database with the requested ID could not be found.'],
  database_query_order_null: [400, 'The order column had a null value. Cursor pagination requires all rows order column values are non-null.'],
  document_already_exists: [409, 'Document with the requested ID already exists.'],
  document_delete_restricted: [403, 'Document cannot be deleted because it is referenced by another document.'],
  document_invalid_structure: [400, 'The document structure is invalid. Please ensure the attributes match the collection definition.'],
  document_missing_data: [400, 'The document data is missing. Try again with document data populated.'],
  document_missing_payload: [400, 'The document data and permissions are missing. You must provide either document data or permissions to be updated.'],
  document_not_found: [404, 'Document with the requested ID could not be found.'],
  index_already_exists: [409, 'Index with the requested key already exists. Try again with a different key.'],
  index_not_found: [404, 'Index with the requested key could not be found.'],
  key_already_exists: [409, 'Key with the same ID already exists. Try again with a different ID.'],
  key_not_found: [404, 'Key with the requested ID could not be found.'],
  membership_already_confirmed: [409, 'Membership is already confirmed.'],
  membership_not_found: [404, 'Membership with the requested ID could not be found.'],
  platform_already_exists: [409, 'Platform with the same ID already exists. Try again with a different ID.'],
  platform_not_found: [404, 'Platform with the requested ID could not be found.'],
  project_already_exists: [409, 'Project with the requested ID already exists. Try again with a different ID or use ID.unique() to generate a unique ID.'],
  project_id_missing: [403, 'When using project API key, make sure to pass x-appwrite-project header with your project ID.'],
  project_key_expired: [401, 'The project key has expired. Please generate a new key using the Appwrite console.'],
  project_not_found: [404, 'Project with the requested ID could not be found. Please check the value of the X-Appwrite-Project header to ensure the correct project ID is being used.'],
  project_reserved_project: [400, "'console' is a reserved project."],
  row_already_exists: [409, 'Row with the requested ID already exists.'],
  row_invalid_structure: [400, 'The row structure is invalid. Please ensure the columns match the table definition.'],
  row_missing_data: [400, 'The row data is missing. Try again with row data populated.'],
  row_missing_payload: [400, 'The row data and permissions are missing. You must provide either row data or permissions to be updated.'],
  row_not_found: [404, 'Row with the requested ID could not be found.'],
  storage_bucket_already_exists: [409, 'A storage bucket with the requested ID already exists. Try again with a different ID or use ID.unique() to generate a unique ID.'],
  storage_bucket_not_found: [404, 'Storage bucket with the requested ID could not be found.'],
  storage_file_already_exists: [409, 'A storage file with the requested ID already exists.'],
  storage_file_empty: [400, 'Empty file passed to the endpoint.'],
  storage_file_not_found: [404, 'The requested file could not be found.'],
  storage_file_type_unsupported: [400, 'File extension not allowed'],
  storage_invalid_content_range: [400, 'The content range is invalid. Please check the value of the Content-Range header.'],
  storage_invalid_file_size: [400, 'File size not allowed'],
  storage_invalid_range: [416, 'The requested range is not satisfiable. Please check the value of the Range header.'],
  table_already_exists: [409, 'A table with the requested ID already exists. Try again with a different ID or use ID.unique() to generate a unique ID.'],
  table_not_found: [404, 'Table with the requested ID could not be found.'],
  team_already_exists: [409, 'Team with requested ID already exists. Please choose a different ID and try again.'],
  team_invite_not_found: [404, 'The requested team invitation could not be found.'],
  team_membership_mismatch: [404, 'The membership ID does not belong to the team ID.'],
  team_not_found: [404, 'Team with the requested ID could not be found.'],
  token_not_found: [404, 'The requested file token could not be found.'],
  user_already_exists: [409, 'A user with the same id, email, or phone already exists in this project.'],
  user_blocked: [403, 'The current user has been blocked.'],
  user_console_count_exceeded: [501, 'Sign up to the console is restricted. You can contact an administrator to update console sign up restrictions by setting _APP_CONSOLE_WHITELIST_ROOT to "disabled".'],
  user_invalid_credentials: [401, 'Invalid credentials. Please check the email and password.'],
  user_jwt_and_cookie_set: [403, 'JWT and cookie used in the same request. Use either `setJWT` or `setCookie`. Learn about which authentication method to use in the SSR docs: https://appwrite.io/docs/products/auth/server-side-rendering'],
  user_jwt_invalid: [401, 'Failed to verify JWT.'],
  user_not_found: [404, 'User with the requested ID could not be found.'],
  user_session_already_exists: [401, 'Creation of a session is prohibited when a session is active.'],
  user_session_not_found: [404, 'The current user session could not be found.'],
  user_unauthorized: [401, 'The current user is not authorized to perform the requested action.'],
} as const satisfies Record<string, readonly [number, string]>;

export type AppwriteErrorType = keyof typeof CATALOG;

/** The version this server answers like; clients pick their routes by it. */
export const APPWRITE_VERSION = '1.9.6';

export class AppwriteError extends Error {
  readonly type: AppwriteErrorType;
  readonly status: number;

  constructor(type: AppwriteErrorType, message?: string) {
    super(message ?? CATALOG[type][1]);
    this.name = 'AppwriteError';
    this.type = type;
    this.status = CATALOG[type][0];
  }

  body(): { message: string; code: number; type: string; version: string } {
    return { message: this.message, code: this.status, type: this.type, version: APPWRITE_VERSION };
  }
}

/** `Invalid \`name\` param: …`, the shape of every refused parameter. */
export function invalidParam(name: string, reason: string): AppwriteError {
  return new AppwriteError('general_argument_invalid', `Invalid \`${name}\` param: ${reason}`);
}
