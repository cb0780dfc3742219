-- Before a truncate: nobody can tell which rows there were, so all clients of all spaces start again.
create or replace function ${before}() returns trigger language plpgsql security definer
set search_path from current as $replisync$
begin
    perform 1 from ${spaces} s order by s.${id} ${for_update};
    update ${spaces} set ${version} = ${version} + 1;
    insert into ${space} as f (id, version, floor) select ${id_text}, 0, s.${version} from ${spaces} s
        on conflict (id) do update set floor = excluded.floor;
    return null;
end
$replisync$;

-- After a statement: within the SDK notes the keys for its commit, outside takes the versions of the rows' spaces and stamps
-- them. A row that moved is noted in both, and all who could see it have lost it in the one that it left.
create or replace function ${after}() returns trigger language plpgsql security definer
set search_path from current as $replisync$
declare
    places text[];
    keys text[];
    audiences text[];
begin
    if tg_op = 'INSERT' then
        select array_agg(${place}), array_agg(${key}), array_agg('{}'::text) into places, keys, audiences
            from new_rows t where ${place} is not null;
    elsif tg_op = 'DELETE' then
        select array_agg(${place}), array_agg(${key}), array_agg((${readers})::text) into places, keys, audiences
            from old_rows t where ${place} is not null;
    else
        select array_agg(x.place), array_agg(x.entity_key), array_agg(x.audience::text) into places, keys, audiences from (
            select o.place, o.entity_key,
                case when o.audience <@ coalesce(n.audience, '{}') then '{}' else o.audience end as audience
            from (select ${place} as place, ${key} as entity_key, ${readers} as audience from old_rows t) o
            left join (select ${place} as place, ${key} as entity_key, ${readers} as audience from new_rows t) n
                on n.entity_key = o.entity_key and n.place = o.place
            union all
            select ${place}, ${key}, '{}'::text[] from new_rows t
        ) x where x.place is not null;
    end if;
    if keys is null then
        return null;
    end if;
    if coalesce(current_setting('${tx}', true), '') <> '' then
        insert into ${touched} (xid, space_id, entity_key, audience)
            select pg_current_xact_id(), p, k, a::text[] from unnest(places, keys, audiences) u (p, k, a);
    else
        perform 1 from ${spaces} s where s.${id} = any(places::${type}[]) order by s.${id} ${for_update};
        update ${spaces} set ${version} = ${version} + 1 where ${id} = any(places::${type}[]);
        insert into ${audience} (space_id, entity_key, user_id, version)
            select distinct u.p, u.k, e, s.${version}
            from unnest(places, keys, audiences) u (p, k, a), unnest(u.a::text[]) e, ${spaces} s
            where s.${id} = u.p::${type}
            on conflict (space_id, entity_key, user_id) do update set version = excluded.version;
        insert into ${ledger} (space_id, entity_key, version)
            select x.p, x.k, s.${version}
            from (select distinct u.p collate "C" as p, u.k collate "C" as k from unnest(places, keys) u (p, k)) x
            join ${spaces} s on s.${id} = x.p::${type} order by x.p, x.k
            on conflict (space_id, entity_key) do update set version = excluded.version;
    end if;
    return null;
end
$replisync$;

create or replace trigger ${before_trigger} before truncate on ${table}
for each statement execute function ${before}();

create or replace trigger ${insert_trigger} after insert on ${table} referencing new table as new_rows
for each statement execute function ${after}();

create or replace trigger ${update_trigger} after update on ${table}
referencing old table as old_rows new table as new_rows
for each statement execute function ${after}();

create or replace trigger ${delete_trigger} after delete on ${table} referencing old table as old_rows
for each statement execute function ${after}();

