// One change of the log for people.
#ifndef ALMANAC_CLIENT_CHANGE_TEXT_H_
#define ALMANAC_CLIENT_CHANGE_TEXT_H_

#include <string>

#include "almanac/v1/change.pb.h"
#include "client/names.h"
#include "client/output.h"

namespace almanac::client {

// What changed: for a resource that came or went its title, for one that became overdue since when, else the fields
// that differ, with the short plain ones as `target_date 2022-06 -> 2022-09`, freshness by its state, and of a link
// what it leads to: `continues swd/2022-2024/b-2`. Of a summary only the names of the fields are known.
std::string ChangeSummary(const v1::Change& change, const Language& language);

// The title of a resource of any kind; empty if it has none.
std::string TitleOf(const v1::Resource& resource, const Language& language);

// The name of a resource of any kind.
std::string NameOf(const v1::Resource& resource);

// The columns of lists of changes.
Columns<v1::Change> ChangeColumns();

// One line of `watch`: revision, time, type, actor, resource and what changed.
std::string ChangeLine(const v1::Change& change, const Style& style);

// A change with all that it changed, as `history` shows it: a line with revision, time, type and actor, then a line for
// each field with its value before and after. Long texts are cut.
std::string ChangeBlock(const v1::Change& change, const Style& style);

// One line of a snapshot in `watch`.
std::string SnapshotLine(const v1::Resource& resource, const Style& style);

}  // namespace almanac::client

#endif  // ALMANAC_CLIENT_CHANGE_TEXT_H_
