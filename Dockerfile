# The API with its data baked in: no network and no database server needed to run it.
FROM python:3.13-slim AS build
WORKDIR /srv
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /srv/venv
COPY pyproject.toml requirements.txt README.md LICENSE ./
COPY app app
COPY seed seed
COPY migrations migrations
RUN venv/bin/pip install --quiet --require-hashes -r requirements.txt \
    && venv/bin/pip install --quiet --no-deps --no-build-isolation --editable . \
    && mkdir data && BRIEFS_DATABASE_URL=sqlite:////srv/data/briefs.db venv/bin/python -m seed && rm -f data/.briefs.db.lock \
    && venv/bin/pip uninstall --quiet --yes editables hatchling pathspec pluggy trove-classifiers pip \
    && find /srv -name __pycache__ -type d -prune -exec rm -rf {} + \
    && venv/bin/python -m compileall -q app seed migrations venv/lib

FROM python:3.13-slim
RUN useradd --system --uid 10001 --no-create-home briefs
WORKDIR /srv
COPY --from=build /srv /srv
ENV PATH=/srv/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    BRIEFS_HOST=0.0.0.0 BRIEFS_PORT=8000 BRIEFS_DATABASE_URL=sqlite:////srv/data/briefs.db
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/ready', timeout=2)"]
CMD ["python", "-m", "app"]
