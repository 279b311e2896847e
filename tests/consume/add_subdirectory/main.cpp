// SPDX-License-Identifier: Apache-2.0
// A host without CAF: uploads one file's symbols to the agent whose URL is the first argument.
#include <symup/pipeline.hpp>

#include <iostream>

int main(int argc, char** argv) {
  symup::config config;
  config.url = argc > 1 ? argv[1] : "http://localhost:8126";
  config.service = "shop";
  config.version = "1.4.2";
  const auto checked = symup::finalize(config);
  auto pipeline = checked ? symup::pipeline::start(*checked) : symup::fail(checked.error());
  auto upload = pipeline ? pipeline->begin() : symup::fail(pipeline.error());
  if (!upload) {
    std::cerr << to_string(upload.error()) << '\n';
    return 1;
  }
  symup::scope file;
  file.scope_type = "FILE";
  file.name = file.source_file = "/src/shop/cart.cpp";
  file.end_line = 120;
  if (const auto added = upload->add(file); !added)
    std::cerr << to_string(added.error()) << '\n';
  const symup::receipt receipt = upload->finish();
  std::cout << receipt.scopes << " scopes in " << receipt.batches << " batches, "
            << (receipt.final ? "complete" : "incomplete") << '\n';
  return receipt.final ? 0 : 1;
}
