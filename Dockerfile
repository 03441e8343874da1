# The API with its data: it needs no network, no volume and no database server.
FROM python:3.13-slim AS build
WORKDIR /build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1

# Dependencies come before the code, so that an edit of the code does not install them again.
# The tools that build stay in this stage.
COPY requirements.txt requirements-build.txt ./
RUN python -m venv tools && python -m venv --without-pip /srv/venv \
    && tools/bin/pip install --quiet --require-hashes -r requirements-build.txt \
    && tools/bin/pip --python /srv/venv/bin/python install --quiet --require-hashes -r requirements.txt

COPY pyproject.toml README.md LICENSE ./
COPY app app
COPY migrations migrations
COPY seed seed
RUN tools/bin/pip install --quiet --no-deps --no-build-isolation --target /srv/briefs .
WORKDIR /srv/data
RUN PYTHONPATH=/srv/briefs BRIEFS_DATABASE_URL=sqlite:///briefs.db /srv/venv/bin/python -m seed \
    && rm -f .briefs.db.lock

FROM python:3.13-slim
LABEL org.opencontainers.image.title="Policy briefs API" \
    org.opencontainers.image.description="Annotated policy briefs on Mali and the Sahel, over HTTP" \
    org.opencontainers.image.licenses="MIT AND CC-BY-4.0 AND LicenseRef-Publishers"
RUN useradd --system --uid 10001 --no-create-home briefs
WORKDIR /srv
COPY --from=build /srv/venv venv
COPY --from=build /srv/briefs briefs
COPY --from=build /srv/data data
# One arena: the threads share what they free, so the process needs less memory.
ENV PATH=/srv/venv/bin:$PATH PYTHONPATH=/srv/briefs PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    MALLOC_ARENA_MAX=1 \
    BRIEFS_HOST=0.0.0.0 BRIEFS_PORT=8000 BRIEFS_DATABASE_URL=sqlite:////srv/data/briefs.db
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s --retries=3 CMD ["python", "-c", \
    "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"BRIEFS_PORT\"]}/ready', timeout=2)"]
CMD ["python", "-m", "app"]
