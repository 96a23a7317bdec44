#pragma once

#include "absl/status/status.h"

// Chinese characters that are written differently in Simplified Chinese, in Hong Kong and in Taiwan, by the tables of
// OpenCC.
namespace almanac::db {

// Reads the tables, once for the process; an error if they cannot be read. FoldHan reads them if nobody has, and leaves
// every character as it is if it cannot. Programs that search call this as they start.
absl::Status LoadHanVariants();

// The character that stands for `character` and its variants: mostly the Simplified one; `character` if it has none.
// What stands for a character stands for itself. From any thread.
//
// Two characters are variants if one is written for the other, be it in some words only: 覆 and 复, as in 答覆, 着 and
// 著, 乾 and 干. A conversion by words would tell 乾隆 from 乾, and a part of a text would then not fold as it does in
// the whole; for searching, a text found in excess does less harm than one not found.
char32_t FoldHan(char32_t character);

}  // namespace almanac::db
