-- Finding datasets: by their words, by what filters look at, and in the orders that lists can have.

-- The words by which a dataset is found, as db/dataset_search.h makes them of its texts. In a table of their own: they
-- seldom change, and an update of a dataset would otherwise write them anew.
create table dataset_search (
  publisher_id resource_id not null,
  dataset_id resource_id not null,
  vector tsvector not null,
  primary key (publisher_id, dataset_id),
  foreign key (publisher_id, dataset_id) references datasets on delete cascade
);
-- Without a list of pending entries, which every search would have to read through.
create index dataset_search_vector on dataset_search using gin (vector) with (fastupdate = off);

-- Latin words that are, or once were, in the texts of datasets, from which those with a typing error are told. Whatever
-- single error a word has, its first letters or its last ones are right.
create table search_words (
  word text collate "C" primary key
);
create index search_words_reversed on search_words (reverse(word) collate "C");

create index datasets_by_release_date on datasets
  (coalesce(first_day(release_date), date '0001-01-01'), publisher_id, dataset_id);
create index datasets_by_last_update_time on datasets
  (coalesce(last_update_time, timestamptz '0001-01-01 00:00:00+00'), publisher_id, dataset_id);
create index datasets_by_due_time on datasets
  (coalesce(freshness_due_time, timestamptz '10000-01-01 00:00:00+00'), publisher_id, dataset_id);
create index datasets_by_create_time on datasets (create_time, publisher_id, dataset_id);
create index datasets_by_update_time on datasets (update_time, publisher_id, dataset_id);
create index datasets_by_frequency on datasets (frequency, publisher_id, dataset_id);
create index datasets_by_format on datasets using gin (formats jsonb_path_ops);

create index commitments_by_target_date on commitments
  (coalesce(first_day(target_date), date '10000-01-01'), publisher_id, plan_id, commitment_id);
create index commitments_by_release_date on commitments
  (coalesce(first_day(release_date), date '0001-01-01'), publisher_id, plan_id, commitment_id);
create index commitments_by_create_time on commitments (create_time, publisher_id, plan_id, commitment_id);
create index commitments_by_update_time on commitments (update_time, publisher_id, plan_id, commitment_id);
