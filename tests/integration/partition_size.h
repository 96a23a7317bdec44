#pragma once

#include <string>

#include "absl/strings/str_cat.h"

namespace almanac::testing {

// SQL that makes the partitions of the change log that are yet to come have `size` revisions; all of them, as long as
// nothing was written.
inline std::string SetPartitionSizeSql(int size) {
  return absl::StrCat(
      "create or replace function change_partition_size() returns bigint language sql immutable parallel safe return ",
      size,
      "; do $$ declare first bigint; begin"
      "  if exists (select from head where revision > 0) then return; end if;"
      "  for first in delete from change_partitions returning first_revision loop"
      "    execute format('drop table changes_%s', first);"
      "  end loop;"
      "  perform add_change_partitions(1);"
      "end $$");
}

}  // namespace almanac::testing
