#!/bin/sh
# Run once by PostgreSQL's image, when its data is made: a database, and an owner who is no superuser
# and so cannot read files or run programs of this machine.
psql --set=ON_ERROR_STOP=1 --username="${POSTGRES_USER:-postgres}" --dbname=postgres <<'SQL'
\getenv password OWNER_PASSWORD
CREATE ROLE mekong LOGIN PASSWORD :'password';
CREATE DATABASE mekong OWNER mekong;
REVOKE CONNECT ON DATABASE mekong FROM PUBLIC;
SQL
