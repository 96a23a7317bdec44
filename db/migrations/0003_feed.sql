-- The log in partitions, so that its oldest part can be dropped at once, with what its filters look at; what is left of a
-- change that was dropped; and the servers of the catalogue.

-- How many revisions a partition of the log has.
create function change_partition_size() returns bigint
  language sql immutable parallel safe
  return 131072;

alter table changes rename to unpartitioned_changes;
alter index changes_pkey rename to unpartitioned_changes_pkey;
alter index changes_by_resource rename to unpartitioned_changes_by_resource;

create table changes (
  revision bigint primary key check (revision > 0),
  change_time timestamptz not null,
  actor text not null,
  request_id text collate "C" not null,
  kind smallint not null,
  type smallint not null,
  resource text collate "C" not null,
  changed_fields text[] collate "C" not null,
  last_of_write boolean not null,
  -- The whole almanac.v1.Change, serialised.
  entry bytea not null
) partition by range (revision);
create index changes_by_resource on changes (resource, revision);

-- The partitions that there are: dense, from the oldest revision of the log on.
create table change_partitions (
  first_revision bigint primary key check (first_revision > 0),
  last_revision bigint not null check (last_revision >= first_revision)
);

-- Makes partitions up to the one that follows that of revision `up_to`, and returns up to which revision it need not be
-- called again. To be called under the head's lock. A table is made first and then attached, which readers of the log
-- need not wait for. It is made a whole partition ahead of its first row: other sessions may see a commit a moment before
-- they are told that it attached something, and would take the log for one without these rows.
create function add_change_partitions(up_to bigint) returns bigint language plpgsql as $$
declare
  first bigint;
  after bigint;
begin
  loop
    select coalesce(max(last_revision), (select compacted_revision from head)) + 1 into first from change_partitions;
    if first > up_to + change_partition_size() then return first - 1 - change_partition_size(); end if;
    after := first + change_partition_size();
    execute format('create table changes_%s (like changes including all)', first);
    execute format('alter table changes attach partition changes_%1$s for values from (%1$s) to (%2$s)', first, after);
    insert into change_partitions values (first, after - 1);
  end loop;
end
$$;

-- What retention leaves of a change: who did what and when, without before and after.
create table change_summaries (
  resource text collate "C" not null,
  revision bigint not null check (revision > 0),
  change_time timestamptz not null,
  actor text not null,
  request_id text collate "C" not null,
  kind smallint not null,
  type smallint not null,
  changed_fields text[] collate "C" not null,
  last_of_write boolean not null,
  primary key (resource, revision)
);
create unique index change_summaries_by_revision on change_summaries (revision);

-- Writes summaries of the oldest changes that have none, of `at_most` of them and of none after revision `through`.
-- Returns whether all up to `through` have theirs. Summaries are dense from the first change on; those that are ahead of
-- the compaction mark count for nothing yet, and callers that do the same at once do no harm.
create function summarize_changes(through bigint, at_most int) returns boolean language plpgsql as $$
declare
  done bigint;
begin
  select greatest((select max(revision) from change_summaries), compacted_revision) into done from head;
  insert into change_summaries
  select resource, revision, change_time, actor, request_id, kind, type, changed_fields, last_of_write
  from changes where revision > done and revision <= least(through, done + at_most)
  on conflict do nothing;
  return done + at_most >= through;
end
$$;

-- Takes the partition that ends with revision `through`, of which all changes have summaries, out of the log, if it is
-- the oldest and not the newest. All or nothing, and by one caller: another finds nothing to do. Returns whether it did;
-- null if somebody holds the log for so long that it is better tried again later.
--
-- The head first, as all writers lock it. Whoever waits for the log makes later readers wait behind him, and writers
-- behind the head, hence neither for long nor often.
create function compact_changes(through bigint) returns boolean language plpgsql as $$
declare
  first bigint;
begin
  select p.first_revision into first
  from change_partitions p
  where p.last_revision = through and through < (select revision from head)
        and not exists (select from change_partitions older where older.last_revision < through)
  for update skip locked;
  if not found then return false; end if;
  if not exists (select from change_summaries where revision = through) then
    raise exception 'changes up to revision % have no summaries yet', through;
  end if;
  for attempt in 1..3 loop
    begin
      perform set_config('lock_timeout', '100ms', true);
      perform from head for update;
      execute format('drop table changes_%s', first);
      exit;
    exception when lock_not_available then
      if attempt = 3 then raise; end if;
      perform pg_sleep(0.2);
    end;
  end loop;
  delete from change_partitions where first_revision = first;
  update head set compacted_revision = through;
  return true;
exception when lock_not_available then
  return null;
end
$$;

-- The servers of the catalogue. Each keeps its own row up to date while it runs.
create table replicas (
  replica_id text collate "C" primary key,
  address text not null,
  server_version text not null,
  start_time timestamptz not null,
  heartbeat_time timestamptz not null,
  feed_revision bigint not null,
  feed_lag bigint not null,
  read_revision bigint not null,
  read_lag bigint not null,
  watcher_count int not null
);

-- The fields of a serialised protobuf message with this number, which are varints (their values in decimal) or bytes (in
-- hexadecimal): enough to read what the log's new columns have out of its entries, once.
create function message_fields(message bytea, wanted int) returns setof text language plpgsql immutable as $$
declare
  at int := 0;
  tag bigint;
  value bigint;
  shift int;
  byte int;
begin
  while at < length(message) loop
    for part in 1..2 loop
      value := 0;
      shift := 0;
      loop
        byte := get_byte(message, at);
        at := at + 1;
        value := value | ((byte & 127)::bigint << shift);
        shift := shift + 7;
        exit when byte < 128;
      end loop;
      if part = 1 then tag := value; end if;
    end loop;
    if tag & 7 = 2 then
      if tag >> 3 = wanted then return next encode(substr(message, at + 1, value::int), 'hex'); end if;
      at := at + value::int;
    elsif tag >> 3 = wanted then
      return next value::text;
    end if;
  end loop;
end
$$;

do $$ begin perform add_change_partitions(greatest(revision, 1)) from head; end $$;
insert into changes
select revision, change_time, actor, request_id, kind,
       (select field::smallint from message_fields(entry, 6) as field),
       resource,
       array(select convert_from(decode(field, 'hex'), 'UTF8') from message_fields(entry, 9) as field),
       exists (select from message_fields(entry, 12)),
       entry
from unpartitioned_changes;
drop table unpartitioned_changes;
drop function message_fields;
