-- The account of a promise: the days on which things were decided, editions that continue each other, freshness.

-- The clock by which changes are dated and by which time makes promises overdue. One for all replicas.
create function catalogue_now() returns timestamptz
  language sql volatile parallel safe
  return clock_timestamp();

-- The first and the last day of what a partial_date names, as service/rules/dates.h has them.
create function first_day(partial text) returns date
  language sql immutable parallel safe
  return case
    when partial like '____-Q_' then make_date(left(partial, 4)::int, 3 * right(partial, 1)::int - 2, 1)
    else make_date(left(partial, 4)::int, coalesce(nullif(substr(partial, 6, 2), '')::int, 1),
                   coalesce(nullif(substr(partial, 9, 2), '')::int, 1))
  end;

create function last_day(partial text) returns date
  language sql immutable parallel safe
  return case
    when length(partial) = 10 then first_day(partial)
    when length(partial) = 4 then make_date(partial::int, 12, 31)
    else (first_day(partial) + case when partial like '____-Q_' then interval '3 months' else interval '1 month' end
          - interval '1 day')::date
  end;

alter table plans add column language text collate "C" not null default '';

alter table reschedules add column reschedule_date partial_date;
alter table reschedules disable trigger append_only;
update reschedules r set reschedule_date =
  to_char(r.reschedule_time at time zone (select p.time_zone from publishers p where p.publisher_id = r.publisher_id),
          'YYYY-MM-DD');
alter table reschedules enable trigger append_only;
alter table reschedules alter column reschedule_date set not null,
  add constraint moved_on_a_day check (length(reschedule_date) = 10);

alter table commitments
  -- The line of an earlier edition that this one continues, and the line of a later one that continues this.
  add column continues_plan_id text collate "C",
  add column continues_commitment_id text collate "C",
  add column continued_by_plan_id text collate "C",
  add column continued_by_commitment_id text collate "C",
  add column original_target_date partial_date,
  add column overdue_date partial_date,
  add column confirm_date partial_date,
  add column cancel_date partial_date,
  add column candidate_datasets list not null default '[]';
update commitments c set
  original_target_date = first_target_date,
  cancel_date = to_char(c.cancel_time at time zone (select p.time_zone from publishers p
                                                    where p.publisher_id = c.publisher_id), 'YYYY-MM-DD'),
  confirm_date = case when c.state = 'CONFIRMED' then
    to_char(c.update_time at time zone (select p.time_zone from publishers p where p.publisher_id = c.publisher_id),
            'YYYY-MM-DD') end;
alter table commitments
  drop constraint outcome_stamped,
  add constraint outcome_stamped check (
    num_nonnulls(first_slip_days, first_slip_months, last_slip_days, last_slip_months)
    = case when state = 'RELEASED' and original_target_date is not null then 4 else 0 end),
  drop constraint cancellation_reasoned,
  add constraint cancellation_reasoned check (
    num_nonnulls(cancel_reason, cancel_note, cancel_actor, cancel_time, cancel_date)
    = case when state = 'CANCELLED' then 5 else 0 end and cancel_note <> '' and length(cancel_date) = 10),
  add constraint confirmed_on_a_day check (length(confirm_date) = 10 and (state <> 'CONFIRMED' or confirm_date is not null)),
  add constraint overdue_while_open check (
    overdue_date is null or (state in ('PLANNED', 'CONFIRMED') and length(overdue_date) = 10)),
  add constraint original_target_kept check (
    continues_plan_id is not null or original_target_date is not distinct from first_target_date),
  add check (num_nonnulls(continues_plan_id, continues_commitment_id) in (0, 2)),
  add check (num_nonnulls(continued_by_plan_id, continued_by_commitment_id) in (0, 2));

-- What the clock looks at: open lines that are not overdue yet, by the day from which they can be.
create index commitments_by_last_day on commitments (publisher_id, plan_id, last_day(target_date))
  where state in ('PLANNED', 'CONFIRMED') and overdue_date is null and continued_by_plan_id is null
        and delete_time is null;

create domain freshness_state as text collate "C"
  check (value in ('UNKNOWN', 'FRESH', 'DUE', 'OVERDUE', 'DELINQUENT', 'UNSCHEDULED', 'DISCONTINUED'));

alter table datasets
  -- Null for a dataset that was there before there was freshness; the clock fills it.
  add column freshness_state freshness_state,
  add column freshness_due_time timestamptz,
  add column freshness_next_time timestamptz,
  add column observed_frequency frequency not null default 'FREQUENCY_UNSPECIFIED',
  -- In microseconds.
  add column observed_interval bigint check (observed_interval >= 0);
create index datasets_by_next_state on datasets (freshness_next_time)
  where freshness_next_time is not null and delete_time is null;
create index datasets_without_freshness on datasets (publisher_id, dataset_id)
  where freshness_state is null and delete_time is null;
create index datasets_by_freshness on datasets (freshness_state, publisher_id, dataset_id) where delete_time is null;

-- To find a row by its key PostgreSQL takes, of several indexes on a new table without statistics, the one made last: let
-- that be the primary key, lest each of the first commitments is looked for among all of its publisher.
alter table reschedules drop constraint reschedules_publisher_id_plan_id_commitment_id_fkey;
alter table commitments
  drop constraint commitments_pkey,
  add primary key (publisher_id, plan_id, commitment_id);
alter table commitments
  add foreign key (publisher_id, continues_plan_id, continues_commitment_id) references commitments,
  add foreign key (publisher_id, continued_by_plan_id, continued_by_commitment_id) references commitments;
alter table reschedules add foreign key (publisher_id, plan_id, commitment_id) references commitments;
