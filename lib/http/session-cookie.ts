/** `__Host-` needs https; a developer's http://localhost takes the plain name. */
export function cookieName(baseUrl: string): string {
  return baseUrl.startsWith('https:') ? '__Host-studio_session' : 'studio_session';
}

export function sessionToken(cookieHeader: string | undefined, baseUrl: string): string | undefined {
  if (cookieHeader === undefined) return undefined;
  const start = `${cookieName(baseUrl)}=`;
  for (const part of cookieHeader.split(';')) {
    const trimmed = part.trim();
    if (trimmed.startsWith(start)) return trimmed.slice(start.length);
  }
  return undefined;
}

const ninetyDays = 90 * 24 * 3600;

export function setSessionCookie(token: string, baseUrl: string): string {
  return cookie(token, ninetyDays, baseUrl);
}

export function clearSessionCookie(baseUrl: string): string {
  return cookie('', 0, baseUrl);
}

function cookie(value: string, maxAgeSeconds: number, baseUrl: string): string {
  const secure = baseUrl.startsWith('https:') ? '; Secure' : '';
  return `${cookieName(baseUrl)}=${value}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Lax${secure}`;
}
