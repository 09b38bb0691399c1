# Two images from one file.
#
#   docker build -t dateline .                  everything in one container, engines embedded (linux/amd64)
#   docker build -t dateline --target roles .   the roles alone, for clusters of your own
#
# Both run as user 10001, keep their data in /data, and serve pages, health and
# metrics on port 8420.

FROM node:22-bookworm-slim AS ui
WORKDIR /src/pkg/web/ui
COPY pkg/web/ui/package.json pkg/web/ui/package-lock.json pkg/web/ui/.npmrc ./
RUN npm ci
COPY pkg/web/ui/src src
RUN npm run build

FROM golang:1.26-bookworm AS build
ENV GOTOOLCHAIN=auto CGO_ENABLED=0
WORKDIR /src
COPY go.mod go.sum ./
COPY producers/page/nodates producers/page/nodates
RUN go mod download
COPY . .
COPY --from=ui /src/pkg/web/dist/ pkg/web/dist/
ARG VERSION=
RUN go build -trimpath -ldflags "-s -w -X github.com/dateline/dateline/pkg/app.release=${VERSION}" -o /out/dateline ./cmd/dateline \
	&& mkdir -p /out/data /out/doc && cp LICENSE NOTICE /out/doc/

# The embedded database's library: npm brings it, dateline checks it.
FROM node:22-bookworm-slim AS library
COPY --from=build /out/dateline /usr/local/bin/dateline
RUN XDG_CACHE_HOME=/cache dateline engine fetch && mv /cache/dateline/chdb/*/libchdb.so /libchdb.so

FROM debian:bookworm-slim AS roles
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/doc/ /usr/share/doc/dateline/
COPY --from=build --chown=10001:10001 /out/data /data
COPY --from=build /out/dateline /usr/local/bin/dateline
USER 10001:10001
WORKDIR /data
VOLUME /data
ENV HOME=/data \
	DATELINE_DATA=/data \
	DATELINE_LOG_FORMAT=json \
	DATELINE_WEB_LISTEN=0.0.0.0:8420
EXPOSE 8420
# The pages or, where a role runs alone with metrics.listen set, its health.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
	CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8420 && printf 'GET /healthz HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3 && grep -q '^ok' <&3"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["dateline"]
CMD ["--help"]

FROM roles AS all
COPY --from=library /libchdb.so /usr/local/lib/dateline/libchdb.so
ENV DATELINE_ENGINE_LIBRARY=/usr/local/lib/dateline/libchdb.so \
	DATELINE_ENGINE_SQL_LISTEN=0.0.0.0:8123
EXPOSE 8123
CMD ["up"]
