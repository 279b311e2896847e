// SPDX-License-Identifier: Apache-2.0
// A host with its own caf::actor_system, its own configuration and its own actors: one of them
// feeds an upload by messages.
//     catalogue --config-file=catalogue.conf --symup.url=http://localhost:8126
#include <symup/caf.hpp>

#include <caf/all.hpp>

#include <iostream>
#include <memory>
#include <string>
#include <vector>

namespace {

struct catalogue_config : caf::actor_system_config {
  catalogue_config() {
    opt_group{custom_options_, "catalogue"}.add<std::size_t>("modules", "how many there are");
    symup.add_to(custom_options_);
  }
  symup::host_options symup;
};

symup::scope module_scope(std::size_t number) {
  symup::scope module;
  module.scope_type = "MODULE";
  module.name = "module_" + std::to_string(number);
  module.source_file = module.name + ".cpp";
  module.end_line = 100;
  for (int line = 10; line < 100; line += 10) {
    symup::scope& function = module.scopes.emplace_back();
    function.scope_type = "FUNCTION";
    function.name = module.name + "::at_" + std::to_string(line);
    function.source_file = module.source_file;
    function.start_line = line;
    function.end_line = line + 9;
  }
  return module;
}

struct feeder_state {
  symup::upload_actor upload;
  std::size_t next = 0;
};

// Ten modules at a time; the answer says that there is room for more.
void feed(caf::stateful_actor<feeder_state>* self, std::size_t modules) {
  const auto failed = [self](const caf::error& e) {
    std::cerr << to_string(symup::to_error(e)) << '\n';
    self->quit(e);
  };
  auto& state = self->state;
  if (state.next == modules) {
    self->request(state.upload, caf::infinite, symup::finish_upload_atom::value)
        .then(
            [self](const symup::upload_result_message& message) {
              const symup::receipt& receipt = *message.result;
              std::cout << receipt.scopes << " scopes in " << receipt.batches << " batches, "
                        << (receipt.final ? "complete" : "incomplete") << '\n';
              self->quit();
            },
            failed);
    return;
  }
  auto scopes = std::make_shared<std::vector<symup::scope>>();
  for (int i = 0; i < 10 && state.next < modules; ++i)
    scopes->push_back(module_scope(state.next++));
  self->request(state.upload, caf::infinite, symup::add_scopes_atom::value,
                symup::scopes_message{std::move(scopes)})
      .then([self, modules](caf::ok_atom) { feed(self, modules); }, failed);
}

caf::behavior feeder(caf::stateful_actor<feeder_state>* self, symup::upload_actor upload,
                     std::size_t modules) {
  self->state.upload = std::move(upload);
  feed(self, modules);
  return {[](caf::unit_t) {}}; // answers are all it waits for
}

int complain(const symup::error& e) {
  std::cerr << to_string(e) << '\n';
  return 2;
}

} // namespace

int main(int argc, char** argv) {
  catalogue_config cfg;
  if (const auto err = cfg.parse(argc, argv)) {
    std::cerr << "the command line or config file is wrong\n";
    return 2;
  }
  symup::config_sources sources;
  if (const auto loaded = cfg.symup.load(cfg.content, sources); !loaded)
    return complain(loaded.error());
  const auto config = sources.finish();
  if (!config)
    return complain(config.error());

  caf::actor_system system(cfg);
  auto pipeline = symup::start_pipeline(system, *config);
  if (!pipeline)
    return complain(pipeline.error());
  auto upload = symup::begin_upload(*pipeline);
  if (!upload)
    return complain(upload.error());
  caf::scoped_actor self(system);
  const auto worker = self->spawn(feeder, std::move(*upload),
                                  caf::get_or(cfg, "catalogue.modules", std::size_t{1}));
  self->wait_for(worker);
  return 0;
}
