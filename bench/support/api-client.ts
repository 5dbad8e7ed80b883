import type { z } from 'zod';

export interface Api {
  get<Shape>(shape: z.ZodType<Shape>, path: string): Promise<Shape>;
  send<Shape>(shape: z.ZodType<Shape>, method: 'POST' | 'PUT', path: string, body: object): Promise<Shape>;
}

/** The API as somebody who is signed in asks it, below `/api/v1`. Whatever is not a success is an error with the answer's words. */
export function apiClient(url: string, cookie: string): Api {
  async function ask<Shape>(shape: z.ZodType<Shape>, method: string, path: string, body?: object): Promise<Shape> {
    const answer = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { cookie, origin: url, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`);
    return shape.parse(await answer.json());
  }

  return {
    get: (shape, path) => ask(shape, 'GET', path),
    send: (shape, method, path, body) => ask(shape, method, path, body),
  };
}
