# The bot in a container: see docs/hosting.md, and compose.yaml for how to run it.
FROM python:3.11-slim AS build

# requirements-extras.txt: also the clients of OpenSearch, PostgreSQL and Sentry.
ARG REQUIREMENTS=requirements.txt
WORKDIR /src
COPY requirements.txt requirements-extras.txt ./
RUN python -m venv --without-pip /opt/footnote \
    && pip --python /opt/footnote/bin/python install --no-cache-dir -r "$REQUIREMENTS"

COPY pyproject.toml README.md LICENSE .env.example ./
COPY bot bot
COPY corpus corpus
RUN pip --python /opt/footnote/bin/python install --no-cache-dir --no-deps .

FROM python:3.11-slim

# A number of its own, so that a host's files can be given to it. A volume takes the owner of the
# folder that it is mounted on: compose.yaml has two.
RUN groupadd --gid 10001 footnote \
    && useradd --uid 10001 --gid footnote --no-create-home --home-dir /data footnote \
    && install --directory --owner=footnote --group=footnote /data /data-own
COPY --from=build /opt/footnote /opt/footnote

ENV PATH=/opt/footnote/bin:$PATH \
    DATA_DIR=/data \
    PORT=8080
WORKDIR /data
VOLUME /data
USER 10001:10001

# Asked from inside: HEALTH_HOST need not be opened for it.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:%s/healthz' % os.environ['PORT'], timeout=4)"]
ENTRYPOINT ["footnote"]
