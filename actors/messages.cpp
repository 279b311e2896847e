// SPDX-License-Identifier: Apache-2.0
#include "messages.hpp"

#include <caf/deep_to_string.hpp>
#include <caf/make_message.hpp>

#include <utility>

namespace symup::actors {

namespace {
constexpr auto upload_category = caf::atom("upload");
constexpr auto local_category = caf::atom("symup");
} // namespace

caf::error to_caf(const symup::error& e) {
  const auto kind = category(e.code) == "upload_failed" ? upload_category : local_category;
  return caf::error{static_cast<std::uint8_t>(e.code), kind,
                    caf::make_message(error_message{std::make_shared<symup::error>(e)})};
}

symup::error from_caf(const caf::error& e) {
  if (e.category() == upload_category || e.category() == local_category) {
    if (e.context().match_elements<error_message>())
      return *e.context().get_as<error_message>(0).reason;
    return {static_cast<errc>(e.code()), "", std::nullopt};
  }
  return {errc::internal,
          "a stage of the pipeline ended unexpectedly (" + caf::to_string(e.category()) + " " +
              std::to_string(e.code()) + ")",
          std::nullopt};
}

} // namespace symup::actors
