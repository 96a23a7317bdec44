-- Each dataset as its readers get it, so that to read one is to hand on its bytes; see
-- docs/decisions/0016-a-dataset-is-stored-as-its-message.md.

-- The wire format of Protocol Buffers, as far as a dataset needs it. What is absent or zero takes no bytes.

create function proto_varint(n bigint) returns bytea
  language plpgsql immutable parallel safe
as $$
declare
  bytes bytea := '';
begin
  while n < 0 or n > 127 loop
    bytes := bytes || set_byte('\x00', 0, ((n & 127) | 128)::int);
    -- As an unsigned number: the sign does not move along.
    n := (n >> 7) & 144115188075855871;
  end loop;
  return bytes || set_byte('\x00', 0, n::int);
end $$;

create function proto_number(field int, n bigint) returns bytea
  language plpgsql immutable parallel safe
as $$ begin
  return case when n is null or n = 0 then '' else proto_varint(field * 8) || proto_varint(n) end;
end $$;

create function proto_message(field int, message bytea) returns bytea
  language plpgsql immutable parallel safe
as $$ begin
  return case when message is null then ''
              else proto_varint(field * 8 + 2) || proto_varint(length(message)) || message end;
end $$;

create function proto_text(field int, said text) returns bytea
  language plpgsql immutable parallel safe
as $$ begin
  return case when said is null or said = '' then '' else proto_message(field, convert_to(said, 'UTF8')) end;
end $$;

create function proto_texts(field int, said jsonb) returns bytea
  language plpgsql immutable parallel safe
as $$ begin
  return (select coalesce(string_agg(proto_message(field, proto_text(1, key) || proto_text(2, value)), ''), '')
          from jsonb_each_text(said));
end $$;

-- A Timestamp or a Duration: seconds, rounded down, and nanoseconds.
create function proto_micros(field int, n bigint) returns bytea
  language plpgsql immutable parallel safe
as $$ begin
  return case when n is null then ''
              else proto_message(field, proto_number(1, floor(n / 1000000.0)::bigint)
                                        || proto_number(2, (n - floor(n / 1000000.0)::bigint * 1000000) * 1000)) end;
end $$;

create function proto_frequency(field int, name text) returns bytea
  language plpgsql immutable parallel safe
as $$ begin
  return proto_number(field, array_position(
    array['FREQUENCY_UNSPECIFIED', 'CONTINUOUS', 'DAILY', 'WEEKLY', 'MONTHLY', 'QUARTERLY', 'HALF_YEARLY', 'YEARLY',
          'AS_NEEDED', 'OTHER'], name) - 1);
end $$;

create function proto_freshness(field int, d datasets) returns bytea
  language plpgsql stable parallel safe
as $$ begin
  return case when d.freshness_state is null then '' else proto_message(field,
    proto_number(1, array_position(array['UNKNOWN', 'FRESH', 'DUE', 'OVERDUE', 'DELINQUENT', 'UNSCHEDULED',
                                         'DISCONTINUED'], d.freshness_state::text))
    || proto_micros(2, micros(d.freshness_due_time)) || proto_micros(3, micros(d.freshness_next_time))
    || proto_frequency(4, d.observed_frequency) || proto_micros(5, d.observed_interval)) end;
end $$;

-- The almanac.v1.Dataset that the columns of a row make, serialised.
create function dataset_message(d datasets) returns bytea
  language plpgsql stable parallel safe
as $$ begin
  return proto_text(1, 'publishers/' || d.publisher_id || '/datasets/' || d.dataset_id)
    || proto_texts(2, d.titles) || proto_texts(3, d.categories) || proto_texts(4, d.remarks)
    || (select coalesce(string_agg(proto_message(5, proto_text(1, t ->> 'language') || proto_text(2, t ->> 'text')), ''
                                   order by place), '')
        from jsonb_array_elements(d.former_titles) with ordinality as f(t, place))
    || proto_frequency(6, d.frequency) || proto_texts(7, d.frequency_texts)
    || (select coalesce(string_agg(proto_message(8, convert_to(format, 'UTF8')), '' order by place), '')
        from jsonb_array_elements_text(d.formats) with ordinality as f(format, place))
    || proto_text(9, d.landing_page) || proto_text(10, d.release_date) || proto_number(11, d.discontinued::int)
    || proto_text(12, d.last_update_date) || proto_micros(13, micros(d.last_update_time))
    || proto_number(14, d.update_count) || proto_micros(15, micros(d.create_time))
    || proto_micros(16, micros(d.update_time)) || proto_micros(17, micros(d.delete_time))
    || proto_text(18, '"' || d.revision || '"') || proto_number(19, d.revision) || proto_freshness(20, d);
end $$;

alter table datasets add column message bytea;

-- almanacd writes the message. For whoever writes only columns, by hand or in a later migration, it is made of them.
create function set_dataset_message() returns trigger
  language plpgsql
as $$
begin
  new.message := dataset_message(new);
  return new;
end $$;

create trigger insert_dataset_message before insert on datasets
  for each row when (new.message is null) execute function set_dataset_message();
create trigger update_dataset_message before update on datasets
  for each row when (new.message is null or new.message = old.message) execute function set_dataset_message();

update datasets set message = null;
alter table datasets alter column message set not null;
