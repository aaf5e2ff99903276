# Gatehouse without Cloudflare (docs/self-host.md): a release of `npm run build:selfhost`, Node, and nothing else.
# Both bases are pinned by digest. `docker buildx imagetools inspect debian:bookworm-slim` shows the newest one.
ARG NODE_IMAGE=docker.io/library/node:24-bookworm-slim@sha256:6f7b03f7c2c8e2e784dcf9295400527b9b1270fd37b7e9a7285cf83b6951452d
ARG BASE_IMAGE=gcr.io/distroless/cc-debian12:nonroot@sha256:9dac0a79194e45a7da0158a9c6da57b217585af0786db3845d1f0ec1a0dd182f

FROM ${NODE_IMAGE} AS build
WORKDIR /source
COPY . .
RUN npm ci && npm run build:selfhost && cp "$(node -p 'process.execPath')" dist/selfhost/bin/node

FROM ${BASE_IMAGE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Gatehouse" \
      org.opencontainers.image.description="An auth service: sign-up, login, sessions and mail on workerd and Postgres" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# Owned by root: the service cannot change itself. It writes to /tmp alone, which is to be a tmpfs.
COPY --from=build /source/dist/selfhost /app
USER 10001:10001
WORKDIR /app
ENV NODE_ENV=production PATH=/app/bin
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["/app/bin/node", "/app/bin/health.js"]
ENTRYPOINT ["/app/bin/node"]
CMD ["/app/bin/gatehouse.js"]
