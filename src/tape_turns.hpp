// SPDX-License-Identifier: Apache-2.0
#pragma once

/// TAPE TURNS: whose turn it is to fill a large tape. Every upload may always hold a small tape;
/// what is larger needs one of a pipeline's turns. A turn lasts from the moment a tape outgrows the
/// small size until its group is compressed. So the tapes of a thousand producers that are fed at
/// once fit into a fixed share of memory_limit, and each still makes groups of full size: who has
/// no turn waits in line instead of cutting small. While as many groups wait to be compressed as
/// keep the processors busy nobody's turn comes either: more would only get cold in the caches.
///
/// The processors must not stand still because turns lie with producers that are slow, or have
/// stopped: when few groups are on their way and somebody waits, those who have filled for longest
/// are asked to hand over what they have. If that does not help either, who is first in line is
/// refused, and makes do with small groups.
///
/// Thread-safe. Nothing waits in here: producers wait in the upload gate, and look again.

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace symup {

class tape_turns;

/// What the turns know of one upload's producer. It has one turn at a time for the tape it fills,
/// and one place in the line.
class tape_filler {
public:
  /// @param hand_over  makes a group of the tape as far as it is filled, if that can be done now
  ///                   without waiting; else the producer must do so when it finds itself asked().
  ///                   Called on any thread, more than once.
  /// @param wake       it is worth looking again. Called on any thread; must not block.
  tape_filler(std::function<void()> hand_over, std::function<void()> wake)
      : hand_over_(std::move(hand_over)), wake_(std::move(wake)) {}

  /// Others wait for the turn of the tape that is being filled.
  [[nodiscard]] bool asked() const noexcept { return asked_.load(std::memory_order_acquire); }

private:
  friend class tape_turns;
  const std::function<void()> hand_over_;
  const std::function<void()> wake_;
  std::atomic<bool> asked_{false};
  // Guarded by the mutex of the turns:
  bool granted_ = false;          // a turn is kept for it; it has left the line
  std::uint64_t seen_passes_ = 0; // at its last look
};

/// The right to hold one large tape; the next in line gets it when it goes. Movable.
class tape_turn {
public:
  tape_turn() = default;
  tape_turn(tape_turn&& other) noexcept;
  tape_turn& operator=(tape_turn&& other) noexcept;
  tape_turn(const tape_turn&) = delete;
  tape_turn& operator=(const tape_turn&) = delete;
  ~tape_turn() { end(); }

  explicit operator bool() const noexcept { return turns_ != nullptr; }
  /// The tape is a group now and on its way to be compressed.
  void filled();
  void end() noexcept;

private:
  friend class tape_turns;
  tape_turn(std::shared_ptr<tape_turns> turns, std::shared_ptr<tape_filler> filler)
      : turns_(std::move(turns)), filler_(std::move(filler)) {}
  std::shared_ptr<tape_turns> turns_;
  std::shared_ptr<tape_filler> filler_; // as long as the tape is being filled
};

class tape_turns : public std::enable_shared_from_this<tape_turns> {
public:
  /// @param turns     at least 1
  /// @param busy      groups on their way to be compressed that are enough; at least 1
  /// @param on_change called with +1 or -1 when a turn is taken or ended, to count its memory
  tape_turns(std::size_t turns, std::size_t busy, std::function<void(int)> on_change = nullptr)
      : turns_(turns), busy_(busy), on_change_(std::move(on_change)) {}

  /// A turn now, or none.
  /// @param can_wait  the filler would rather wait than take one while enough groups are on their
  /// way
  [[nodiscard]] tape_turn try_take(const std::shared_ptr<tape_filler>& filler, bool can_wait);

  enum class answer {
    taken,
    wait_first,  ///< until woken, or for a while (see patience()); then look again
    wait_behind, ///< the same: others come first
    refused      ///< make do with a small tape
  };
  /// The while. Who is first looks for turns that lie idle, the others whether they are first.
  [[nodiscard]] static std::chrono::milliseconds patience(answer looked) noexcept {
    return std::chrono::milliseconds(looked == answer::wait_first ? 100 : 2000);
  }
  /// Lines up. Afterwards look() until it does not say wait, or leave().
  void join(const std::shared_ptr<tape_filler>& filler);
  /// @param in_vain  a while has passed since the last look, and nobody has woken the filler
  [[nodiscard]] std::pair<answer, tape_turn> look(const std::shared_ptr<tape_filler>& filler,
                                                  bool in_vain);
  void leave(const std::shared_ptr<tape_filler>& filler);

private:
  friend class tape_turn;
  using fillers = std::vector<std::shared_ptr<tape_filler>>;

  [[nodiscard]] std::size_t on_their_way() const noexcept { return moving_ + granted_; }
  [[nodiscard]] bool has_free_turn() const noexcept {
    return filling_.size() + on_their_way() < turns_;
  }
  /// For those in line.
  [[nodiscard]] bool is_open() const noexcept { return has_free_turn() && on_their_way() < busy_; }
  [[nodiscard]] bool is_first(const std::shared_ptr<tape_filler>& filler) const {
    return !line_.empty() && line_.front() == filler;
  }
  tape_turn begin(const std::shared_ptr<tape_filler>& filler);
  void end_filling(const tape_filler* filler, bool moves_on);
  void end_moving();
  fillers grant();
  fillers choose_to_ask(bool again);
  void serve(std::unique_lock<std::mutex> lock);

  const std::size_t turns_;
  const std::size_t busy_;
  const std::function<void(int)> on_change_;
  std::mutex mutex_;
  fillers filling_;          // the oldest first
  std::size_t moving_ = 0;   // that were filled and are not compressed yet
  std::size_t granted_ = 0;  // kept for fillers that have not looked yet
  std::uint64_t passes_ = 0; // turns that have ended
  std::deque<std::shared_ptr<tape_filler>> line_;
};

} // namespace symup
