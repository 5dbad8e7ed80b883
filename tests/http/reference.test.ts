import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { doors } from '@/app/api/_routes/doors';
import { problemKinds } from '@/lib/http/problem-guide';
import { problemResponse } from '@/lib/http/problem';
import { referenceRoutes } from '@/lib/http/reference';
import { AppError, errorCodes, type ErrorCode } from '@/lib/kernel/errors';
import { testApi } from '../support/api';
import { testStudio, type TestStudio } from '../support/context';

let studio: TestStudio;
beforeAll(async () => {
  studio = await testStudio();
});
afterAll(() => studio.close());

const silent = () => undefined;
const log = { debug: silent, info: silent, warn: silent, error: silent };

const codes = Object.keys(errorCodes).filter((code): code is ErrorCode => code in problemKinds);

describe('the type of a problem', () => {
  it('leads to a page with an anchor that says what it means and what to do, whatever the code', async () => {
    const page = await testApi(studio)('GET', '/api/docs/problems');
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).toContain(`default-src 'none'`);
    for (const code of codes) {
      const body: unknown = await problemResponse(new AppError(code, 'x'), { requestId: 'r', instance: '/', log }).json();
      const { title, meaning, remedy } = problemKinds[code];
      expect(body).toMatchObject({ type: `/api/docs/problems#${code}`, title });
      expect(page.text).toContain(`<section id="${code}"`);
      expect(page.text).toContain(meaning);
      expect(page.text).toContain(remedy);
    }
    expect(codes).toHaveLength(Object.keys(errorCodes).length);
  });
});

describe('the reference', () => {
  const routes = referenceRoutes(doors);

  it('is a page that names its icon and loads its viewer from here', async () => {
    const text = await (await routes.request('/api/docs')).text();
    expect(text).toContain('<link rel="icon" href="/icon.svg"');
    const sources = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source]) => source);
    expect(sources).toEqual(['/icon.svg', '/api/docs/viewer.js']);
  });

  it('has a viewer', async () => {
    const viewer = await routes.request('/api/docs/viewer.js');
    expect(viewer.headers.get('content-type')).toContain('text/javascript');
    expect((await viewer.text()).length).toBeGreaterThan(1_000_000);
  });
});
