import type { Metadata } from 'next';

export { Nowhere as default } from './_shell/refusals';

export const metadata: Metadata = { title: 'Not found' };
