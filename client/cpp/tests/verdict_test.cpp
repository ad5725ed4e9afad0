// is_valid: what the server says, unless a finding has an enforcement that this client does not know.
#include "assay/verdict.h"

#include <initializer_list>
#include <iostream>
#include <limits>

namespace {

int failures = 0;

void expect(bool expected, bool valid, std::initializer_list<int> enforcements) {
  assay::v1::Verdict sent;
  sent.set_valid(valid);
  for (int enforcement : enforcements) {
    sent.add_findings()->set_enforcement(static_cast<assay::v1::Enforcement>(enforcement));
  }
  assay::v1::Verdict received;  // An unknown number must be one that came over the wire.
  if (!received.ParseFromString(sent.SerializeAsString()) || assay::is_valid(received) != expected) {
    ++failures;
    std::cerr << "should " << (expected ? "" : "not ") << "be valid:\n" << received.DebugString();
  }
}

}  // namespace

int main() {
  using namespace assay::v1;
  expect(true, true, {});
  expect(false, false, {});
  expect(true, true, {ENFORCEMENT_AUDIT, ENFORCEMENT_WARN});
  expect(true, true, {ENFORCEMENT_REJECT});
  expect(false, false, {ENFORCEMENT_REJECT});
  for (int unknown : {4, 99, -1, std::numeric_limits<int>::max(), 0}) {
    expect(false, true, {unknown});
    expect(false, true, {ENFORCEMENT_WARN, unknown});
  }
  return failures == 0 ? 0 : 1;
}
