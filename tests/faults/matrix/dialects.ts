/** What a call can meet on its way. */
export const callFaults = ['timeout', 'reset', '409', '429', '500', 'slow'] as const;
export type CallFault = (typeof callFaults)[number];

export const retryAfterMs = 1_000;

interface WrongAnswer {
  status: number;
  headers?: Record<string, string>;
  body: unknown;
}

/** How a server says that something is there already, that a caller has to wait, and that it failed. */
export interface Dialect {
  answers: Record<'409' | '429' | '500', WrongAnswer>;
  /** Calls that no step makes by itself; null where there are none. */
  preliminary: RegExp | null;
  /** Whether a call with this body changes nothing, where its body tells. */
  isLook(body: string): boolean;
}

const wait = { 'retry-after': String(retryAfterMs / 1_000) };

function appwriteAnswer(code: number, type: string, headers: Record<string, string> = {}): WrongAnswer {
  return { status: code, headers, body: { message: 'Something is not as it should be.', code, type, version: '1.9.6' } };
}

export const appwrite: Dialect = {
  answers: {
    '409': appwriteAnswer(409, 'project_already_exists'),
    '429': appwriteAnswer(429, 'general_rate_limit_exceeded', wait),
    '500': appwriteAnswer(500, 'general_unknown'),
  },
  preliminary: /^\/v1\/(health\/version|account)/,
  isLook: () => false,
};

function railwayAnswer(status: number, message: string, code = 'INTERNAL_SERVER_ERROR', headers: Record<string, string> = {}): WrongAnswer {
  return { status, headers, body: { data: null, errors: [{ message, extensions: { code }, path: ['field'] }] } };
}

/** Railway knows no 409: a name that is taken is an error of GraphQL with status 200, which the adapter calls `refused`. Its limits count by token, so 429 is for every call. */
export const railway: Dialect = {
  answers: {
    '409': railwayAnswer(200, 'A service named "app" already exists in this project'),
    '429': railwayAnswer(429, 'Rate limit exceeded', 'RATE_LIMITED', wait),
    '500': railwayAnswer(500, 'Problem processing request'),
  },
  preliminary: null,
  isLook: (body) => body.startsWith('{"query":"query '),
};
