create table if not exists ${meta} (
    one int primary key check (one = 1),
    generation int not null,
    epoch text not null,
    identity text,
    secret text not null
);

create table if not exists ${space} (
    id text collate "C" primary key,
    version bigint not null,
    floor bigint not null default 0
);

create table if not exists ${epoch} (
    id text collate "C" not null,
    space_id text collate "C" not null,
    left_at bigint not null,
    primary key (id, space_id)
);

create table if not exists ${client_group} (
    id text collate "C" primary key,
    user_id text not null,
    space_id text collate "C" not null,
    last_seen bigint not null
);

create table if not exists ${client} (
    id text collate "C" primary key,
    group_id text collate "C" not null,
    last_mutation_id bigint not null,
    last_modified_version bigint not null
);

create index if not exists ${client_by_group} on ${client} (group_id, last_modified_version);

-- How many pulls of a group had something to tell. Not in the group's row, which a push holds locked.
create table if not exists ${pull} (
    group_id text collate "C" primary key,
    counter bigint not null
);

create table if not exists ${record} (
    id text collate "C" primary key,
    content bytea not null,
    last_used bigint not null
);

create index if not exists ${record_by_use} on ${record} (last_used);

create table if not exists ${ledger} (
    space_id text collate "C" not null,
    entity_key text collate "C" not null,
    version bigint not null,
    primary key (space_id, entity_key)
);

create table if not exists ${audience} (
    space_id text collate "C" not null,
    entity_key text collate "C" not null,
    user_id text collate "C" not null,
    version bigint not null,
    primary key (space_id, entity_key, user_id)
);

create index if not exists ${ledger_by_version} on ${ledger} (space_id, version);

create table if not exists ${mark} (
    space_id text collate "C" not null,
    at bigint not null,
    version bigint not null,
    primary key (space_id, at)
);

-- What triggers noted in transactions of the SDK that are still open.
create unlogged table if not exists ${touched} (
    xid xid8 not null,
    space_id text collate "C" not null,
    entity_key text collate "C" not null,
    audience text[] not null
);

create index if not exists ${touched_by_xid} on ${touched} (xid);
