#include "db/errors.h"

#include <gtest/gtest.h>

#include <string>

namespace almanac::db {
namespace {

TEST(Excerpt, IsAllOfAShortText) {
  EXPECT_EQ(Excerpt("", 5), "");
  EXPECT_EQ(Excerpt("abcde", 5), "abcde");
  EXPECT_EQ(Excerpt("維修", 6), "維修");
}

TEST(Excerpt, CutsBetweenCharacters) {
  EXPECT_EQ(Excerpt("abcdef", 5), "abcde…");
  EXPECT_EQ(Excerpt("維修信", 8), "維修…");
  EXPECT_EQ(Excerpt("維", 2), "…");
  EXPECT_EQ(Excerpt("a", 0), "…");
}

TEST(Excerpt, IsUtf8WhateverTheTextIs) {
  EXPECT_EQ(Excerpt("a\xff"
                    "b",
                    20),
            "a\uFFFDb");
  EXPECT_EQ(Excerpt("\xe7\xb6", 20), "\uFFFD");
  EXPECT_EQ(Excerpt("\xff\xff", 3), "\uFFFD…");
}

TEST(InvalidField, QuotesABadByteAsTheReplacementCharacter) {
  EXPECT_EQ(InvalidField("name", "\"\xff\" is none").message(), "name: \"\uFFFD\" is none");
}

}  // namespace
}  // namespace almanac::db
