import { AppwriteError } from './errors';
import { errorResponse } from './http';

/** Families of the real server that the stand-in leaves out whole. */
const LEFT_OUT = /^\/v1\/(advisor|assistant|avatars|functions|graphql|locale|messaging|migrations|mock|presences|proxy|realtime|sites|vcs|webhooks)(\/|$)/;

/** Single routes that the real server has and the stand-in has not. */
const NOT_BUILT: readonly RegExp[] = [
  /^\/v1\/account\/(email|identities|logs|mfa|phone|recovery|status|targets|tokens|verifications?)(\/|$)/,
  /^\/v1\/account\/sessions\/(magic-url|oauth2|phone|token)(\/|$)/,
  /^\/v1\/(databases|tablesdb)\/transactions(\/|$)/,
  /^\/v1\/(databases|tablesdb)\/.*\/logs$/,
  /^\/v1\/databases\/[^/]+\/collections\/[^/]+\/attributes\/(line|polygon|relationship)(\/|$)/,
  /^\/v1\/tablesdb\/[^/]+\/tables\/[^/]+\/columns\/(line|polygon)(\/|$)/,
  /^\/v1\/(databases\/[^/]+\/collections\/[^/]+\/attributes|tablesdb\/[^/]+\/tables\/[^/]+\/columns)\/[a-z]+\/[^/]+$/,
  /^\/v1\/health\/(anti-virus|certificate|queue|storage)(\/|$)/,
  /^\/v1\/project\/(auth-methods|labels|oauth2|policies|protocols|services|smtp|templates|variables)(\/|$)/,
  /^\/v1\/projects\/[^/]+\/(dev-keys|schedules)(\/|$)/,
  /^\/v1\/ping$/,
  /^\/v1\/teams\/[^/]+\/(logs|memberships\/[^/]+\/status)$/,
  /^\/v1\/users\/(argon2|bcrypt|identities|md5|phpass|scrypt|scrypt-modified|sha)(\/|$)/,
  /^\/v1\/users\/[^/]+\/(email|impersonator|jwts|logs|mfa|phone|targets|tokens|verification\/phone)(\/|$)/,
];

/** The real server's page for what it does not know, or an honest refusal for what only the stand-in lacks. */
export function answerUnknown(path: string): Response {
  if (!LEFT_OUT.test(path) && !NOT_BUILT.some((pattern) => pattern.test(path))) return notFoundPage();
  return errorResponse(new AppwriteError('general_not_implemented', `This is a local development stand-in for Appwrite: it does not implement ${path}. Point the platform at a real Appwrite server to use it.`));
}

export function notFoundPage(): Response {
  const html = "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"UTF-8\"><title>Page not found</title></head><body><h1>The page you're looking for doesn't exist.</h1><p>general_route_not_found</p></body></html>";
  return new Response(html, { status: 404, headers: { 'content-type': 'text/html; charset=UTF-8' } });
}
