-- A search that only asks for words need not read the datasets to leave out those that are deleted.
alter table dataset_search add column is_deleted boolean not null default false;
update dataset_search s set is_deleted = true
from datasets d where d.publisher_id = s.publisher_id and d.dataset_id = s.dataset_id and d.delete_time is not null;
