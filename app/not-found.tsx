import type { Metadata } from 'next';

export { Nowhere as default } from './_shell/nowhere';

export const metadata: Metadata = { title: 'Not found' };
