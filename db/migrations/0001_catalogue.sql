-- The catalogue: its head, its change log, and the four nouns.

-- Whole microseconds since 1970, which is how the program reads every time. Stable, as extract is: a function that
-- claims more than its body is not inlined, which makes reading a row by key take three times as long.
create function micros(t timestamptz) returns bigint
  language sql stable parallel safe
  return (extract(epoch from t) * 1000000)::bigint;

create domain resource_id as text collate "C"
  check (value ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$');

-- A text by language: {"en": "...", "zh-Hans-HK": "..."}.
create domain texts as jsonb
  check (jsonb_typeof(value) = 'object');

create domain list as jsonb
  check (jsonb_typeof(value) = 'array');

-- A date with its precision: 2022, 2022-Q2, 2022-06 or 2022-06-30. make_date refuses a day that does not exist.
create domain partial_date as text collate "C"
  check (value ~ '^[0-9]{4}(-Q[1-4]|-(0[1-9]|1[0-2])(-[0-9]{2})?)?$' and left(value, 4) >= '1900')
  check (length(value) < 10
         or make_date(left(value, 4)::int, substr(value, 6, 2)::int, substr(value, 9, 2)::int) is not null);

create domain frequency as text collate "C"
  check (value in ('FREQUENCY_UNSPECIFIED', 'CONTINUOUS', 'DAILY', 'WEEKLY', 'MONTHLY', 'QUARTERLY', 'HALF_YEARLY',
                   'YEARLY', 'AS_NEEDED', 'OTHER'));

create domain reason as text collate "C"
  check (value in ('FUNDING', 'RESOURCES', 'PRIORITIES', 'APPROVALS', 'DEPENDENCY', 'DATA_QUALITY', 'PRIVACY',
                   'OTHER'));

-- One row. Every write locks it first, so that revisions are dense and become visible in their order.
create table head (
  singleton boolean primary key default true check (singleton),
  catalogue_id uuid not null default gen_random_uuid(),
  -- Raised by whoever restores the catalogue from a backup: tokens of an earlier epoch are then refused.
  epoch bigint not null default 1 check (epoch >= 1),
  revision bigint not null default 0 check (revision >= 0),
  -- Changes up to and with this one are no longer in the log.
  compacted_revision bigint not null default 0 check (compacted_revision between 0 and revision),
  change_time timestamptz not null default 'epoch'
) with (fillfactor = 10, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0);
insert into head default values;

create table changes (
  revision bigint primary key check (revision > 0),
  change_time timestamptz not null,
  actor text not null,
  request_id text collate "C" not null,
  kind smallint not null,
  resource text collate "C" not null,
  -- The whole almanac.v1.Change, serialised.
  entry bytea not null
);
create index changes_by_resource on changes (resource, revision);

-- What a write with a request id answered, so that a retry gets the same answer.
create table requests (
  request_id text collate "C" primary key,
  payload_hash bytea not null,
  response bytea not null,
  create_time timestamptz not null
);
create index requests_by_time on requests (create_time);

create table publishers (
  publisher_id resource_id primary key,
  titles texts not null check (titles <> '{}'),
  time_zone text not null check (time_zone <> ''),
  homepage text not null,
  create_time timestamptz not null,
  update_time timestamptz not null,
  delete_time timestamptz,
  revision bigint not null check (revision > 0)
);

create table datasets (
  publisher_id resource_id not null references publishers,
  dataset_id resource_id not null,
  titles texts not null check (titles <> '{}'),
  categories texts not null,
  remarks texts not null,
  former_titles list not null,
  frequency frequency not null,
  frequency_texts texts not null,
  formats list not null,
  landing_page text not null,
  release_date partial_date,
  discontinued boolean not null,
  last_update_date partial_date,
  last_update_time timestamptz,
  update_count bigint not null check (update_count >= 0),
  create_time timestamptz not null,
  update_time timestamptz not null,
  delete_time timestamptz,
  revision bigint not null check (revision > 0),
  primary key (publisher_id, dataset_id),
  check ((last_update_time is null) = (update_count = 0))
);

create table dataset_updates (
  publisher_id resource_id not null,
  dataset_id resource_id not null,
  data_time timestamptz not null,
  report_time timestamptz not null,
  actor text not null,
  primary key (publisher_id, dataset_id, data_time),
  foreign key (publisher_id, dataset_id) references datasets
);

create table plans (
  publisher_id resource_id not null references publishers,
  plan_id resource_id not null,
  titles texts not null,
  start_year int not null check (start_year between 1900 and 9999),
  end_year int not null check (end_year between start_year and 9999),
  published_on partial_date,
  state text collate "C" not null check (state in ('DRAFT', 'PUBLISHED', 'SUPERSEDED')),
  sections list not null,
  publish_time timestamptz,
  create_time timestamptz not null,
  update_time timestamptz not null,
  delete_time timestamptz,
  revision bigint not null check (revision > 0),
  primary key (publisher_id, plan_id),
  check ((state = 'DRAFT') = (publish_time is null)),
  check (state = 'DRAFT' or delete_time is null)
);

create table commitments (
  publisher_id resource_id not null,
  plan_id resource_id not null,
  commitment_id resource_id not null,
  dataset_id resource_id not null,
  section text collate "C" not null check (section ~ '^[A-Z]$'),
  number int not null check (number between 1 and 99999),
  titles texts not null check (titles <> '{}'),
  categories texts not null,
  remarks texts not null,
  frequency frequency not null,
  frequency_texts texts not null,
  formats list not null,
  former_titles list not null,
  discontinued boolean not null,
  last_update_date partial_date,
  first_target_date partial_date,
  target_date partial_date,
  state text collate "C" not null check (state in ('PLANNED', 'CONFIRMED', 'RELEASED', 'CANCELLED')),
  release_date partial_date,
  -- Days and calendar months from the first and from the last target to the release; signed, 0 is on time.
  first_slip_days int,
  first_slip_months int,
  last_slip_days int,
  last_slip_months int,
  cancel_reason reason,
  cancel_note text,
  cancel_actor text,
  cancel_time timestamptz,
  create_time timestamptz not null,
  update_time timestamptz not null,
  delete_time timestamptz,
  revision bigint not null check (revision > 0),
  primary key (publisher_id, plan_id, commitment_id),
  foreign key (publisher_id, plan_id) references plans,
  foreign key (publisher_id, dataset_id) references datasets,
  -- Deferrable, because an import may renumber several lines at once.
  constraint commitments_section_number
    exclude using btree (publisher_id with =, plan_id with =, section with =, number with =)
    where (delete_time is null) deferrable initially immediate,
  constraint target_unless_released check (target_date is not null or state = 'RELEASED'),
  constraint first_target_kept check ((first_target_date is null) = (target_date is null)),
  constraint confirmed_for_a_day check (state <> 'CONFIRMED' or length(target_date) = 10),
  constraint release_dated check ((state = 'RELEASED') = (release_date is not null)),
  constraint outcome_stamped check (
    num_nonnulls(first_slip_days, first_slip_months, last_slip_days, last_slip_months)
    = case when state = 'RELEASED' and target_date is not null then 4 else 0 end),
  constraint cancellation_reasoned check (
    num_nonnulls(cancel_reason, cancel_note, cancel_actor, cancel_time)
    = case when state = 'CANCELLED' then 4 else 0 end and cancel_note <> '')
);
create index commitments_in_order on commitments (publisher_id, plan_id, section, number, commitment_id);
create index commitments_by_dataset on commitments (publisher_id, dataset_id);

-- Append-only: the moves of a commitment's target.
create table reschedules (
  publisher_id resource_id not null,
  plan_id resource_id not null,
  commitment_id resource_id not null,
  ordinal int not null check (ordinal > 0),
  from_target_date partial_date not null,
  to_target_date partial_date not null check (to_target_date <> from_target_date),
  reason reason not null,
  note text not null check (note <> ''),
  actor text not null,
  reschedule_time timestamptz not null,
  primary key (publisher_id, plan_id, commitment_id, ordinal),
  foreign key (publisher_id, plan_id, commitment_id) references commitments
);
create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end
$$;
create trigger append_only before update or delete on reschedules
  for each row execute function refuse_change();
