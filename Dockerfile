# Rollcall as a container; docker-compose.yml gives it Kafka, Consul and PostgreSQL.
ARG NODE_VERSION=22

FROM node:${NODE_VERSION}-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run build

FROM node:${NODE_VERSION}-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev

FROM node:${NODE_VERSION}-slim
# Inside a container 127.0.0.1 would be out of reach for everybody else. So it does not start without ADMIN_TOKENS or OIDC_ISSUER, or, where
# its port is published to nobody else, ALLOW_UNAUTHENTICATED=true
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 DATA_DIR=/data
WORKDIR /app
# The embedded parts, where no servers are named
RUN mkdir /data && chown node /data
VOLUME /data
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json ./
# The user node, by its number: Kubernetes can tell that it is not root
USER 1000:1000
EXPOSE 3000
# Live, not ready: a backend that is away is no reason to restart us
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 3000}/health/live`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--max-semi-space-size=64", "dist/main.js"]
