// SPDX-License-Identifier: Apache-2.0
#pragma once

/// MEMORY BUDGET: the one count of the bytes that all uploads of a pipeline hold as groups, JSON,
/// fragments and batches. Bytes are taken before they exist. Who cannot get them waits in a line;
/// while somebody waits and little is on its way to become smaller, the largest open batch is asked
/// to leave early. Thread-safe; callbacks are called without a lock held, on the thread that gave
/// the bytes back.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <utility>

namespace symup {

class memory_budget {
public:
  /// @param tape_share  of the limit, set aside for the large tapes (see tape_turns)
  explicit memory_budget(std::size_t limit, std::size_t tape_share = 0)
      : limit_(limit), room_(limit - tape_share) {}
  memory_budget(const memory_budget&) = delete;
  memory_budget& operator=(const memory_budget&) = delete;

  /// Counts a large tape, or no longer; both within the share that was set aside.
  void begin_tape(std::size_t bytes);
  void end_tape(std::size_t bytes);

  /// Lets a group in: takes its bytes now and returns true, or calls `granted` once they are taken;
  /// then the owner must claim() them. An owner waits for one group at a time; those who wait are
  /// served in order. One group is always let in, however little room there is, so that the
  /// pipeline never stands still. Each group that was let in must leave().
  [[nodiscard]] bool admit(std::uint64_t owner, std::size_t bytes, std::function<void()> granted);
  /// After `granted`: whether the group is in (not so if the owner was forgotten meanwhile).
  [[nodiscard]] bool claim(std::uint64_t owner);
  /// The work on a group of these bytes is done. They are given back apart from this.
  void leave(std::uint64_t owner, std::size_t bytes);

  /// Takes the bytes even beyond the limit: what is inside must be able to get on.
  void take_always(std::size_t bytes);
  void give_back(std::size_t bytes);

  /// Ends all that an owner has asked for; its groups have left. Bytes it holds stay counted.
  void forget(std::uint64_t owner);

  /// Tells how many bytes an owner's open batch could give back by leaving early, and how to ask
  /// for it. 0 removes the entry.
  void set_open_batch(std::uint64_t owner, std::size_t bytes, std::function<void()> flush);

  [[nodiscard]] std::size_t limit() const noexcept { return limit_; }
  /// Somebody waits for memory, or should.
  [[nodiscard]] bool is_short() const;
  [[nodiscard]] std::size_t used() const;
  [[nodiscard]] std::size_t peak() const;

private:
  struct waiter {
    std::uint64_t owner;
    std::size_t bytes;
    std::function<void()> granted;
  };
  struct owner_entry {
    std::size_t groups_inside = 0;
    std::size_t bytes_inside = 0; // that these groups had when they were let in
    std::size_t unclaimed = 0;    // bytes taken for its waiting group
    bool granted = false;
    std::size_t open_batch = 0; // bytes that flush would let go of
    std::function<void()> flush;
  };

  void add(std::size_t bytes);
  bool may_enter(std::size_t bytes) const;
  void enter(owner_entry& entry, std::size_t bytes);
  void serve_line(std::unique_lock<std::mutex> lock);
  std::function<void()> relieve();
  void note_open_batch(std::uint64_t owner, owner_entry& entry, std::size_t bytes);

  const std::size_t limit_;
  const std::size_t room_; // for all but large tapes
  mutable std::mutex mutex_;
  std::size_t used_ = 0; // large tapes apart
  std::size_t tapes_ = 0;
  std::size_t peak_ = 0; // of both
  std::size_t groups_inside_ = 0;
  std::size_t bytes_inside_ = 0;
  std::deque<waiter> line_;
  std::map<std::uint64_t, owner_entry> owners_;
  std::set<std::pair<std::size_t, std::uint64_t>> open_batches_; // bytes and owner, none of 0
};

/// Bytes taken from a budget; gives them back when it goes. Movable, not copyable.
class memory_hold {
public:
  memory_hold() = default;
  explicit memory_hold(std::shared_ptr<memory_budget> budget) : budget_(std::move(budget)) {}
  memory_hold(memory_hold&& other) noexcept
      : budget_(std::move(other.budget_)), bytes_(std::exchange(other.bytes_, 0)) {}
  memory_hold& operator=(memory_hold&& other) noexcept {
    if (this != &other) {
      release();
      budget_ = std::move(other.budget_);
      bytes_ = std::exchange(other.bytes_, 0);
    }
    return *this;
  }
  memory_hold(const memory_hold&) = delete;
  memory_hold& operator=(const memory_hold&) = delete;
  ~memory_hold() { release(); }

  /// Counts bytes that were taken for this hold by admit().
  void adopt(std::size_t bytes) noexcept { bytes_ += bytes; }
  /// Gives back what is beyond `bytes`, or takes what is missing, beyond the limit if need be.
  void resize(std::size_t bytes);
  void release() noexcept;
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

private:
  std::shared_ptr<memory_budget> budget_;
  std::size_t bytes_ = 0;
};

} // namespace symup
