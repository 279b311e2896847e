// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The test program's own getaddrinfo: names under .invalid do not exist (without asking a name
/// server), and "stuck.invalid" is looked up for as long as a stuck_resolver lives.
class stuck_resolver {
public:
  stuck_resolver();
  ~stuck_resolver(); ///< lets all lookups end, and waits for that
  stuck_resolver(const stuck_resolver&) = delete;
  stuck_resolver& operator=(const stuck_resolver&) = delete;

  void wait_for_lookup() const; ///< until one is stuck
};
