-- Before a statement: outside the SDK, takes the version first, as a push does, and moves it once in a transaction.
create or replace function ${before}() returns trigger language plpgsql security definer
set search_path from current as $replisync$
begin
    if coalesce(current_setting('${tx}', true), '') = ''
            and coalesce(current_setting('${moved}', true), '') <> pg_current_xact_id()::text then
        insert into ${space} as s (id, version) values (${space_id}, 1)
            on conflict (id) do update set version = s.version + 1;
        perform set_config('${moved}', pg_current_xact_id()::text, true);
    end if;
    if tg_op = 'TRUNCATE' then
        -- Nobody can tell which rows there were: all clients start again.
        if coalesce(current_setting('${tx}', true), '') = '' then
            update ${space} set floor = version where id = ${space_id};
        else
            insert into ${space} as s (id, version, floor) values (${space_id}, 0, 1)
                on conflict (id) do update set floor = s.version + 1;
        end if;
    end if;
    return null;
end
$replisync$;

-- After a statement: within the SDK notes the keys for its commit, outside stamps them.
create or replace function ${after}() returns trigger language plpgsql security definer
set search_path from current as $replisync$
declare
    keys text[];
    audiences text[];
begin
    if tg_op = 'INSERT' then
        select array_agg(${key}), array_agg('{}'::text) into keys, audiences from new_rows t;
    elsif tg_op = 'DELETE' then
        select array_agg(${key}), array_agg((${readers})::text) into keys, audiences from old_rows t;
    else
        select array_agg(x.entity_key), array_agg(x.audience::text) into keys, audiences from (
            select o.entity_key, case when o.audience <@ coalesce(n.audience, '{}') then '{}' else o.audience end as audience
            from (select ${key} as entity_key, ${readers} as audience from old_rows t) o
            left join (select ${key} as entity_key, ${readers} as audience from new_rows t) n
                on n.entity_key = o.entity_key
            union all
            select ${key}, '{}'::text[] from new_rows t
        ) x;
    end if;
    if keys is null then
        return null;
    end if;
    if coalesce(current_setting('${tx}', true), '') <> '' then
        insert into ${touched} (xid, space_id, entity_key, audience)
            select pg_current_xact_id(), ${space_id}, k, a::text[] from unnest(keys, audiences) u (k, a);
    else
        insert into ${audience} (space_id, entity_key, user_id, version)
            select distinct s.id, u.k, e, s.version
            from unnest(keys, audiences) u (k, a), unnest(u.a::text[]) e, ${space} s where s.id = ${space_id}
            on conflict (space_id, entity_key, user_id) do update set version = excluded.version;
        insert into ${ledger} (space_id, entity_key, version)
            select s.id, x.k, s.version from (select distinct k collate "C" as k from unnest(keys) k) x, ${space} s
            where s.id = ${space_id} order by x.k
            on conflict (space_id, entity_key) do update set version = excluded.version;
    end if;
    return null;
end
$replisync$;

create or replace trigger ${before_trigger} before insert or update or delete or truncate on ${table}
for each statement execute function ${before}();

create or replace trigger ${insert_trigger} after insert on ${table} referencing new table as new_rows
for each statement execute function ${after}();

create or replace trigger ${update_trigger} after update on ${table}
referencing old table as old_rows new table as new_rows
for each statement execute function ${after}();

create or replace trigger ${delete_trigger} after delete on ${table} referencing old table as old_rows
for each statement execute function ${after}();

