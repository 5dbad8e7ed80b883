/** `__Host-` needs https; a developer's http://localhost takes the plain name. */
export function cookieName(baseUrl: string): string {
  return baseUrl.startsWith('https:') ? '__Host-studio_session' : 'studio_session';
}

export function sessionToken(cookieHeader: string | undefined, baseUrl: string): string | undefined {
  return valueOf(cookieHeader, cookieName(baseUrl));
}

/** Marks the browser that registered, until its letter is confirmed. */
function registrationCookieName(baseUrl: string): string {
  return baseUrl.startsWith('https:') ? '__Host-studio_registration' : 'studio_registration';
}

export function registrationToken(cookieHeader: string | undefined, baseUrl: string): string | null {
  return valueOf(cookieHeader, registrationCookieName(baseUrl)) ?? null;
}

export function setRegistrationCookie(token: string, baseUrl: string): string {
  return cookie(registrationCookieName(baseUrl), token, 24 * 3600, baseUrl);
}

function valueOf(cookieHeader: string | undefined, name: string): string | undefined {
  if (cookieHeader === undefined) return undefined;
  const start = `${name}=`;
  for (const part of cookieHeader.split(';')) {
    const trimmed = part.trim();
    if (trimmed.startsWith(start)) return trimmed.slice(start.length);
  }
  return undefined;
}

const ninetyDays = 90 * 24 * 3600;

export function setSessionCookie(token: string, baseUrl: string): string {
  return cookie(cookieName(baseUrl), token, ninetyDays, baseUrl);
}

export function clearSessionCookie(baseUrl: string): string {
  return cookie(cookieName(baseUrl), '', 0, baseUrl);
}

function cookie(name: string, value: string, maxAgeSeconds: number, baseUrl: string): string {
  const secure = baseUrl.startsWith('https:') ? '; Secure' : '';
  return `${name}=${value}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Lax${secure}`;
}
