# One image for every process of the product; what runs is the command. Needs glibc, so no Alpine.
FROM node:24-bookworm-slim AS packages
WORKDIR /app
ENV NEXT_TELEMETRY_DISABLED=1
COPY package.json package-lock.json .npmrc ./
COPY scripts/voice-espeak/package.json scripts/voice-espeak/
RUN npm ci --include=dev --no-audit --no-fund

# With the stand-ins and their packages: for trying out, never for production.
FROM packages AS sandbox
COPY . .
RUN node node_modules/next/dist/bin/next build web && rm -rf web/.next/cache && mkdir /data && chown node:node /data
USER node
ENV DATA_DIR=/data HOST=0.0.0.0
VOLUME /data
CMD ["node", "sandbox/start.ts"]

FROM node:24-bookworm-slim AS product
WORKDIR /app
ENV NODE_ENV=production VOXCALLS_ENV=production NEXT_TELEMETRY_DISABLED=1 DATA_DIR=/data HOST=0.0.0.0
COPY package.json package-lock.json .npmrc ./
COPY scripts/voice-espeak/package.json scripts/voice-espeak/
# Optional packages are tools for building and another Node and Postgres, all of which are here or elsewhere.
RUN npm ci --omit=dev --omit=optional --no-audit --no-fund && npm cache clean --force
COPY api api
COPY db db
COPY voice voice
COPY scripts/*.mjs scripts/*.ts scripts/
COPY web web
COPY --from=sandbox /app/web/.next web/.next
# The stamp tells `npm run` that these packages are all it needs here.
RUN node -e "import('./scripts/install.mjs').then(({ stamp }) => stamp('.'))" && mkdir /data && chown node:node /data
USER node
# The spool of a voice gateway: calls that were not stored yet survive a restart only if this does.
VOLUME /data
# Signals reach the process itself, which drains its calls before it ends.
STOPSIGNAL SIGTERM
CMD ["node", "api/server.ts"]
