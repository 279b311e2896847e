// SPDX-License-Identifier: Apache-2.0
// What the plain interface must refuse at compile time; see must_not_compile.py.
#include <symup/config_file.hpp>
#include <symup/pipeline.hpp>

#include <utility>

void use(symup::pipeline& pipeline, symup::config config, symup::config_sources& sources,
         const symup::receipt& receipt) {
  auto checked = symup::finalize(std::move(config));
  auto upload = pipeline.begin();
  const auto loaded = symup::load_config_file("host.conf", sources);
  auto moved = std::move(*upload);
  const auto error = moved.failure();
  (void)receipt.error;
#ifdef WRONG_NOT_FINALIZED // error: private|is private
  symup::finalized_config made;
#endif
#ifdef WRONG_CONFIG_UNCHECKED // error: cannot convert|no viable conversion
  (void)symup::pipeline::start(symup::config{});
#endif
#ifdef WRONG_CONFIG_CHANGED // error: in read-only object|returns a const value
  checked->values().workers = 3;
#endif
#ifdef WRONG_FINALIZE_IGNORED // error: unused-result
  symup::finalize({});
#endif
#ifdef WRONG_UPLOAD_IGNORED // error: unused-result
  pipeline.begin();
#endif
#ifdef WRONG_FILE_IGNORED // error: unused-result
  symup::load_config_file("host.conf", sources);
#endif
#ifdef WRONG_FAILURE_IGNORED // error: unused-result
  moved.failure();
#endif
#ifdef WRONG_UPLOAD_COPIED // error: deleted
  auto copy = moved;
#endif
#ifdef WRONG_PIPELINE_COPIED // error: deleted
  auto copy = pipeline;
#endif
}
