-- Creates the role that the API logs in with, or changes its password. The role can only SELECT.
-- Run it with psql 15 or newer as the role that runs the seed, before or after the first seed:
--   READER_PASSWORD=... psql --file migrations/reader_role.sql postgresql://USER@HOST/DATABASE
\set ON_ERROR_STOP on
\getenv password READER_PASSWORD
SELECT 'CREATE ROLE briefs_reader LOGIN'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'briefs_reader') \gexec
ALTER ROLE briefs_reader PASSWORD :'password';
GRANT USAGE ON SCHEMA public TO briefs_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO briefs_reader;
-- The seed creates its tables later, on an empty database and with each new schema.
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO briefs_reader;
-- Everyone may create temporary tables in a new database. The API needs none.
REVOKE TEMPORARY ON DATABASE :"DBNAME" FROM PUBLIC;
