# syntax=docker/dockerfile:1
# `docker build -t stormglass . && docker run --rm -v "$PWD/runs:/app/runs" stormglass` runs the main job.
# Any other command: `docker run --rm stormglass phold --help`.

# Node 26 comes with the project as the npm package `node`, so the base only needs a Node that can
# start npm; glibc is needed by the prebuilt canvas and Node binaries.
FROM node:24-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The Node 26 binary is a development dependency, hence the whole set.
RUN npm ci

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=dependencies --chown=node:node /app/node_modules ./node_modules
COPY --chown=node:node package.json README.md LICENSE CHANGELOG.md tsconfig.json ./
COPY --chown=node:node src ./src
COPY --chown=node:node sim ./sim
COPY --chown=node:node workloads ./workloads
COPY --chown=node:node reports ./reports
RUN mkdir runs && chown node:node runs
USER node
VOLUME ["/app/runs"]
ENTRYPOINT ["node_modules/.bin/node", "src/cli/main.ts"]
CMD ["suite"]
