// Keeps a caller from reading a verdict wrongly.
#ifndef ASSAY_VERDICT_H_
#define ASSAY_VERDICT_H_

#include <algorithm>

#include "assay/v1/verdict.pb.h"

namespace assay {

// Tells whether this client knows what follows from a finding. Unspecified means nothing.
inline bool is_understood(const v1::Finding& finding) {
  return finding.enforcement() != v1::ENFORCEMENT_UNSPECIFIED && v1::Enforcement_IsValid(finding.enforcement());
}

// Tells whether an event is valid: no finding is at or above the call's reject_from.
//
// False too if a finding has an enforcement that this client does not know, as a newer server may send, whatever the
// field `valid` says. Read skipped_checks where a check that could not run matters: a valid event may not have been
// checked completely.
inline bool is_valid(const v1::Verdict& verdict) {
  return verdict.valid() && std::all_of(verdict.findings().begin(), verdict.findings().end(), is_understood);
}

}  // namespace assay

#endif  // ASSAY_VERDICT_H_
