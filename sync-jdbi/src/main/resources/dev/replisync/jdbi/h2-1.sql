create table if not exists ${meta} (
    one int primary key check (one = 1),
    generation int not null,
    epoch varchar not null,
    identity varchar,
    secret varchar not null,
    strategy varchar
);

create table if not exists ${space} (
    id varchar primary key,
    version bigint not null,
    floor bigint not null default 0
);

create table if not exists ${epoch} (
    id varchar not null,
    space_id varchar not null,
    left_at bigint not null,
    primary key (id, space_id)
);

create table if not exists ${client_group} (
    id varchar primary key,
    user_id varchar not null,
    space_id varchar not null,
    last_seen bigint not null
);

create table if not exists ${client} (
    id varchar primary key,
    group_id varchar not null,
    last_mutation_id bigint not null,
    last_modified_version bigint not null
);

create index if not exists ${client_by_group} on ${client} (group_id, last_modified_version);

-- How many pulls of a group had something to tell. Not in the group's row, which a push holds locked.
create table if not exists ${pull} (
    group_id varchar primary key,
    counter bigint not null
);

create table if not exists ${record} (
    id varchar primary key,
    content varbinary not null,
    last_used bigint not null
);

create index if not exists ${record_by_use} on ${record} (last_used);

create table if not exists ${ledger} (
    space_id varchar not null,
    entity_key varchar not null,
    version bigint not null,
    primary key (space_id, entity_key)
);

create table if not exists ${audience} (
    space_id varchar not null,
    entity_key varchar not null,
    user_id varchar not null,
    version bigint not null,
    primary key (space_id, entity_key, user_id)
);

create index if not exists ${ledger_by_version} on ${ledger} (space_id, version);

create table if not exists ${mark} (
    space_id varchar not null,
    at bigint not null,
    version bigint not null,
    primary key (space_id, at)
);

create table if not exists ${lock} (
    space_id varchar not null,
    name varchar not null,
    primary key (space_id, name)
);
