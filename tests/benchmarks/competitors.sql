-- The database that Datasette and the textbook app serve, made from the published file by SQL only.
--
-- It is a textbook schema: numbered rows with a unique slug, a link table for each relation, an index
-- on every foreign key from either side, FTS5 over statement and quote as sqlite-utils makes it.
-- Numbers follow the order of publication, so that all servers list the same rows in the same order.
-- Links to themes and places include all broader ones, so that "this theme and all narrower ones" is
-- one equality for every server. databases.py creates the temporary views `theme_document`,
-- `claim_document`, … (number, document).

CREATE TABLE theme (
    id INTEGER PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    label TEXT NOT NULL,
    label_fr TEXT NOT NULL,
    parent_id INTEGER REFERENCES theme (id)
);
CREATE INDEX theme_parent ON theme (parent_id);
INSERT INTO theme (id, slug, label, label_fr)
SELECT number, document ->> 'id', document ->> 'label', document ->> 'label_fr' FROM theme_document;
UPDATE theme SET parent_id = parent.id
FROM theme_document JOIN theme AS parent ON parent.slug = document -> 'broader' ->> 'id'
WHERE theme_document.number = theme.id;

CREATE TABLE place (
    id INTEGER PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    iso TEXT,
    parent_id INTEGER REFERENCES place (id)
);
CREATE INDEX place_parent ON place (parent_id);
INSERT INTO place (id, slug, name, iso) SELECT number, document ->> 'id', document ->> 'name', document ->> 'iso' FROM place_document;
UPDATE place SET parent_id = parent.id
FROM place_document JOIN place AS parent ON parent.slug = document -> 'part_of' ->> 'id'
WHERE place_document.number = place.id;

CREATE TABLE actor (
    id INTEGER PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    pseudonym BOOLEAN NOT NULL
);
INSERT INTO actor SELECT number, document ->> 'id', document ->> 'name', document ->> 'kind', document ->> 'pseudonym' FROM actor_document;

CREATE TABLE article (
    id INTEGER PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    publisher TEXT,
    published TEXT
);
INSERT INTO article
SELECT number, document ->> 'id', document ->> 'title', document ->> 'publisher', document ->> 'published' FROM article_document;

CREATE TABLE claim (
    id INTEGER PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    article_id INTEGER NOT NULL REFERENCES article (id),
    statement TEXT NOT NULL,
    quote TEXT NOT NULL,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    paragraph INTEGER NOT NULL,
    link TEXT,
    kind TEXT NOT NULL,
    note TEXT
);
INSERT INTO claim
SELECT
    number, document ->> 'id', article.id, document ->> 'statement', document ->> '$.quote.exact', document ->> '$.quote.start',
    document ->> '$.quote.end', document ->> '$.quote.paragraph', document ->> '$.quote.link', document ->> 'kind', document ->> 'note'
FROM claim_document JOIN article ON article.slug = document ->> '$.article.id';
CREATE INDEX claim_article ON claim (article_id);
CREATE INDEX claim_kind ON claim (kind);

CREATE TABLE recommendation (
    id INTEGER PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    article_id INTEGER NOT NULL REFERENCES article (id),
    statement TEXT NOT NULL,
    quote TEXT NOT NULL,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    paragraph INTEGER NOT NULL,
    link TEXT,
    strength TEXT NOT NULL,
    action TEXT NOT NULL,
    explicit BOOLEAN NOT NULL,
    note TEXT
);
INSERT INTO recommendation
SELECT
    number, document ->> 'id', article.id, document ->> 'statement', document ->> '$.quote.exact', document ->> '$.quote.start',
    document ->> '$.quote.end', document ->> '$.quote.paragraph', document ->> '$.quote.link', document ->> 'strength',
    document ->> 'action', document ->> 'explicit', document ->> 'note'
FROM recommendation_document JOIN article ON article.slug = document ->> '$.article.id';
CREATE INDEX recommendation_article ON recommendation (article_id);
CREATE INDEX recommendation_strength ON recommendation (strength);

-- Themes and places with everything broader than them, themselves included.
CREATE TEMP TABLE theme_within (slug TEXT, id INTEGER, PRIMARY KEY (slug, id));
WITH RECURSIVE upwards (slug, id) AS (
    SELECT slug, id FROM theme
    UNION SELECT upwards.slug, theme.parent_id FROM upwards JOIN theme USING (id) WHERE theme.parent_id IS NOT NULL
)
INSERT INTO theme_within SELECT slug, id FROM upwards;
CREATE TEMP TABLE place_within (slug TEXT, id INTEGER, PRIMARY KEY (slug, id));
WITH RECURSIVE upwards (slug, id) AS (
    SELECT slug, id FROM place
    UNION SELECT upwards.slug, place.parent_id FROM upwards JOIN place USING (id) WHERE place.parent_id IS NOT NULL
)
INSERT INTO place_within SELECT slug, id FROM upwards;

CREATE TABLE claim_theme (
    claim_id INTEGER REFERENCES claim (id), theme_id INTEGER REFERENCES theme (id), PRIMARY KEY (claim_id, theme_id)
);
INSERT INTO claim_theme SELECT DISTINCT number, within.id
FROM claim_document, json_each(document, '$.themes') AS link JOIN theme_within AS within ON within.slug = link.value ->> 'id';
CREATE INDEX claim_theme_reverse ON claim_theme (theme_id, claim_id);

CREATE TABLE claim_place (
    claim_id INTEGER REFERENCES claim (id), place_id INTEGER REFERENCES place (id), PRIMARY KEY (claim_id, place_id)
);
INSERT INTO claim_place SELECT DISTINCT number, within.id
FROM claim_document, json_each(document, '$.places') AS link JOIN place_within AS within ON within.slug = link.value ->> 'id';
CREATE INDEX claim_place_reverse ON claim_place (place_id, claim_id);

CREATE TABLE claim_source (
    claim_id INTEGER REFERENCES claim (id), actor_id INTEGER REFERENCES actor (id), PRIMARY KEY (claim_id, actor_id)
);
INSERT INTO claim_source SELECT number, actor.id
FROM claim_document, json_each(document, '$.sources') AS link JOIN actor ON actor.slug = link.value ->> 'id';
CREATE INDEX claim_source_reverse ON claim_source (actor_id, claim_id);

CREATE TABLE claim_about (
    claim_id INTEGER REFERENCES claim (id), actor_id INTEGER REFERENCES actor (id), PRIMARY KEY (claim_id, actor_id)
);
INSERT INTO claim_about SELECT number, actor.id
FROM claim_document, json_each(document, '$.about') AS link JOIN actor ON actor.slug = link.value ->> 'id';
CREATE INDEX claim_about_reverse ON claim_about (actor_id, claim_id);

CREATE TABLE recommendation_theme (
    recommendation_id INTEGER REFERENCES recommendation (id),
    theme_id INTEGER REFERENCES theme (id),
    PRIMARY KEY (recommendation_id, theme_id)
);
INSERT INTO recommendation_theme SELECT DISTINCT number, within.id
FROM recommendation_document, json_each(document, '$.themes') AS link JOIN theme_within AS within ON within.slug = link.value ->> 'id';
CREATE INDEX recommendation_theme_reverse ON recommendation_theme (theme_id, recommendation_id);

CREATE TABLE recommendation_place (
    recommendation_id INTEGER REFERENCES recommendation (id),
    place_id INTEGER REFERENCES place (id),
    PRIMARY KEY (recommendation_id, place_id)
);
INSERT INTO recommendation_place SELECT DISTINCT number, within.id
FROM recommendation_document, json_each(document, '$.places') AS link JOIN place_within AS within ON within.slug = link.value ->> 'id';
CREATE INDEX recommendation_place_reverse ON recommendation_place (place_id, recommendation_id);

CREATE TABLE recommendation_source (
    recommendation_id INTEGER REFERENCES recommendation (id),
    actor_id INTEGER REFERENCES actor (id),
    PRIMARY KEY (recommendation_id, actor_id)
);
INSERT INTO recommendation_source SELECT number, actor.id
FROM recommendation_document, json_each(document, '$.sources') AS link JOIN actor ON actor.slug = link.value ->> 'id';
CREATE INDEX recommendation_source_reverse ON recommendation_source (actor_id, recommendation_id);

CREATE TABLE recommendation_addressee (
    recommendation_id INTEGER REFERENCES recommendation (id),
    actor_id INTEGER REFERENCES actor (id),
    PRIMARY KEY (recommendation_id, actor_id)
);
INSERT INTO recommendation_addressee SELECT number, actor.id
FROM recommendation_document, json_each(document, '$.addressees') AS link JOIN actor ON actor.slug = link.value ->> 'id';
CREATE INDEX recommendation_addressee_reverse ON recommendation_addressee (actor_id, recommendation_id);

CREATE TABLE recommendation_beneficiary (
    recommendation_id INTEGER REFERENCES recommendation (id),
    actor_id INTEGER REFERENCES actor (id),
    PRIMARY KEY (recommendation_id, actor_id)
);
INSERT INTO recommendation_beneficiary SELECT number, actor.id
FROM recommendation_document, json_each(document, '$.beneficiaries') AS link JOIN actor ON actor.slug = link.value ->> 'id';
CREATE INDEX recommendation_beneficiary_reverse ON recommendation_beneficiary (actor_id, recommendation_id);

CREATE TABLE recommendation_claim (
    recommendation_id INTEGER REFERENCES recommendation (id),
    claim_id INTEGER REFERENCES claim (id),
    PRIMARY KEY (recommendation_id, claim_id)
);
INSERT INTO recommendation_claim SELECT number, claim.id
FROM recommendation_document, json_each(document, '$.based_on') AS link JOIN claim ON claim.slug = link.value ->> 'id';
CREATE INDEX recommendation_claim_reverse ON recommendation_claim (claim_id, recommendation_id);

CREATE VIRTUAL TABLE recommendation_fts USING fts5(
    statement, quote, content = 'recommendation', content_rowid = 'id', tokenize = 'porter'
);
INSERT INTO recommendation_fts (recommendation_fts) VALUES ('rebuild');
INSERT INTO recommendation_fts (recommendation_fts) VALUES ('optimize');

ANALYZE main;
