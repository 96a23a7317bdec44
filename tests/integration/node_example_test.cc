#include <signal.h>

#include "tests/integration/watch_programs.h"

// The example in Node.js as a user runs it.
namespace almanac::testing {
namespace {

class NodeExampleTest : public WatchProgramTest {
 protected:
  std::string Node(const std::string& flags) const {
    return absl::StrCat("env ALMANAC_SERVER=", server_.address(), " node " ALMANAC_EXAMPLES "/watch-node/watch.js ",
                        flags, " --token-file ", In("token"));
  }
  // What it printed, without the changed fields.
  static std::vector<std::string> WithoutFields(const std::string& text) {
    std::vector<std::string> lines = Lines(text);
    for (std::string& line : lines) {
      std::vector<std::string> words = absl::StrSplit(line, ' ');
      if (words.size() == 4) line = absl::StrCat(words[0], " ", words[1], " ", words[2]);
    }
    return lines;
  }
};

TEST_F(NodeExampleTest, FollowsThroughRestartsACompactionAndARestore) {
  Write(1);
  {
    BackgroundProgram node(Node(""), In("node"));
    EXPECT_TRUE(HasLines("node.out", 3)) << node.err();
    Write(2);
    EXPECT_TRUE(HasLines("node.out", 4)) << node.err();
    for (const int signal : {SIGTERM, SIGKILL}) {
      server_.Signal(signal);
      server_.Start();
    }
    Write(3);
    EXPECT_TRUE(HasLines("node.out", 5)) << node.err();
    // While its server is away, the log goes on and loses its beginning.
    server_.Signal(SIGKILL);
    {
      const TestServer other(database_.url());
      WritePublisher(other.address(), 4);
      WritePublisher(other.address(), 5);
    }
    Compact(4);
    server_.Start();
    EXPECT_TRUE(HasLines("node.out", 5 + 1 + 5 + 1)) << node.err();
    Write(6);
    EXPECT_TRUE(HasLines("node.out", 13)) << node.err();
    database_.Sql("update head set epoch = epoch + 1");
    EXPECT_TRUE(HasLines("node.out", 13 + 1 + 6 + 1)) << node.err();
    EXPECT_TRUE(Eventually([&] { return !TextOf(In("token")).empty(); }));
    const std::vector<std::string> expected = {
        "SNAPSHOT_BEGIN",          "SNAPSHOT publishers/p1", "SNAPSHOT_END 1",         "2 CREATED publishers/p2",
        "3 CREATED publishers/p3", "SNAPSHOT_BEGIN",         "SNAPSHOT publishers/p1", "SNAPSHOT publishers/p2",
        "SNAPSHOT publishers/p3",  "SNAPSHOT publishers/p4", "SNAPSHOT publishers/p5", "SNAPSHOT_END 5",
        "6 CREATED publishers/p6", "SNAPSHOT_BEGIN",         "SNAPSHOT publishers/p1", "SNAPSHOT publishers/p2",
        "SNAPSHOT publishers/p3",  "SNAPSHOT publishers/p4", "SNAPSHOT publishers/p5", "SNAPSHOT publishers/p6",
        "SNAPSHOT_END 6"};
    EXPECT_EQ(WithoutFields(node.out()), expected);
    EXPECT_TRUE(node.err().find("next: RESUME") != std::string::npos) << node.err();
    EXPECT_TRUE(node.err().find("next: RELIST") != std::string::npos) << node.err();
  }
  // The token was saved after the line, so at most that one comes again.
  Write(7);
  const std::string last = WithoutFields(Shell(Node("--limit 1") + " 2> /dev/null").output).back();
  EXPECT_TRUE(last == "7 CREATED publishers/p7" || last == "SNAPSHOT_BEGIN") << last;

  const CommandResult refused = Shell(Node("--resource publishers/p1"));
  EXPECT_EQ(refused.code, 1);
  EXPECT_TRUE(refused.Says("resume_token")) << refused.output;
}

TEST_F(NodeExampleTest, FollowsOnlyWhatItIsAskedFor) {
  Write(1);
  Write(2);
  BackgroundProgram node(Node("--resource publishers/p2 --limit 4"), In("node"));
  EXPECT_TRUE(HasLines("node.out", 3)) << node.err();
  Write(3);
  almanac::v1::DeletePublisherRequest request;
  request.set_name("publishers/p2");
  const Client client(server_.address());
  Call(client.publishers.get(), &almanac::v1::PublisherService::Stub::DeletePublisher, request);
  EXPECT_EQ(node.Wait(), 0) << node.err();
  EXPECT_EQ(node.out(),
            "SNAPSHOT_BEGIN\nSNAPSHOT publishers/p2\nSNAPSHOT_END 2\n4 DELETED publishers/p2 delete_time\n");
}

}  // namespace
}  // namespace almanac::testing
