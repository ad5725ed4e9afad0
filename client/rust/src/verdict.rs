use crate::v1::{Enforcement, Finding, Verdict};

impl Verdict {
    /// Tells whether the event is valid: no finding is at or above the call's `reject_from`.
    ///
    /// False too if a finding has an enforcement that this client does not know, as a newer server may send, whatever
    /// the field `valid` says. Read `skipped_checks` where a check that could not run matters: a valid event may not
    /// have been checked completely.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.valid && self.findings.iter().all(Finding::is_understood)
    }
}

impl Finding {
    /// Tells whether this client knows what follows from the finding. Unspecified means nothing.
    #[must_use]
    pub fn is_understood(&self) -> bool {
        Enforcement::try_from(self.enforcement).is_ok_and(|known| known != Enforcement::Unspecified)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(valid: bool, enforcements: &[i32]) -> Verdict {
        let finding = |&enforcement| Finding {
            enforcement,
            ..Finding::default()
        };
        Verdict {
            valid,
            findings: enforcements.iter().map(finding).collect(),
            ..Verdict::default()
        }
    }

    #[test]
    fn a_verdict_is_valid_if_the_server_says_so() {
        assert!(verdict(true, &[]).is_valid());
        assert!(!verdict(false, &[]).is_valid());
    }

    #[test]
    fn findings_that_are_understood_leave_it_to_the_server() {
        let warned = [Enforcement::Audit as i32, Enforcement::Warn as i32];
        assert!(verdict(true, &warned).is_valid());
        assert!(!verdict(false, &[Enforcement::Reject as i32]).is_valid());
        assert!(verdict(true, &[Enforcement::Reject as i32]).is_valid());
    }

    #[test]
    fn an_unknown_enforcement_never_reads_as_valid() {
        for unknown in [4, 99, -1, i32::MAX, Enforcement::Unspecified as i32] {
            assert!(
                !verdict(true, &[Enforcement::Warn as i32, unknown]).is_valid(),
                "{unknown}"
            );
        }
    }

    #[test]
    fn nothing_at_all_is_not_valid() {
        assert!(!Verdict::default().is_valid());
    }
}
