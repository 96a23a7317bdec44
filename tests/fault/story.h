#pragma once

#include <map>
#include <string>
#include <vector>

#include "almanac/v1/change.pb.h"
#include "tests/fault/checker.h"

// Histories made by hand, for the tests of the checker. Times are in the order of the events. The fingerprint of what
// revision N left is 1000 + N, that of the change itself 2000 + N.
namespace almanac::fault {

class Story {
 public:
  // A right history, of all that the checker knows:
  //   revision 1 creates publishers/p; 2 datasets/a; 3 and 4, one write, datasets/b and datasets/c; 5 updates a; 6
  //   deletes b; 7, whose answer was lost, updates c.
  static Story Right();

  // Adds an event that follows all others, and can be found by its name.
  Event& Add(const std::string& name, Event event);
  // Adds an attempt at a write that begins after all that was before, and ends at once.
  Write& AddWrite(const std::string& actor, const std::string& request_id, Write::Outcome outcome);
  // Adds an answered write that made one change of each of `resources`, and the changes in the log.
  Write& AddMade(const std::string& actor, const std::string& request_id, const std::vector<std::string>& resources,
                 v1::Change::Type type);
  Read& AddRead(const std::string& name, Read::Method method, const std::string& target);
  StreamStart& AddStream(int stream, StreamStart::From from, int64_t position = 0);
  StreamMessage& AddMessage(int stream, StreamMessage::Kind kind, int64_t revision);
  StreamEnd& AddEnd(int stream);
  // The same with an error.
  Failure& AddFailure(int stream, int code, const std::string& reason, const std::string& next_step);

  Write& write(const std::string& actor) { return *at(actor).mutable_write(); }
  Read& read(const std::string& name) { return *at(name).mutable_read(); }
  LogEntry& change(int64_t revision);
  StreamMessage& message(int stream, StreamMessage::Kind kind, int64_t revision);
  StreamStart& stream(int stream);
  Failure& failure(int stream);
  // Takes out the event of this name: that of a write or read, "change 3", "kept r3", "stream 1 CHANGE 3", "end 1".
  void Remove(const std::string& name);
  void AddKept(const std::string& request_id);
  void SetHead(int64_t revision) { at("final").mutable_final()->set_head_revision(revision); }

  Report Check() const;

 private:
  Event& at(const std::string& name);
  int64_t Tick() { return time_ += 10; }

  std::vector<Event> events_;
  std::map<std::string, size_t> places_;
  std::map<std::string, int64_t> latest_;  // by resource
  int64_t time_ = 0;
  int64_t head_ = 0;
};

}  // namespace almanac::fault
