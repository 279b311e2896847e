// SPDX-License-Identifier: Apache-2.0
// A host without CAF: the program of the README.
#include <symup/pipeline.hpp>

#include <iostream>

int main(int argc, char** argv) {
  symup::config config;
  config.service = "checkout";
  config.version = "1.4.0";
  config.url = argc > 1 ? argv[1] : "";   // "" = an agent on localhost:8126
  auto checked = symup::finalize(config); // every error names option, value and range
  if (!checked)
    return 2;
  auto pipeline = symup::pipeline::start(*checked);
  if (!pipeline)
    return 1;
  auto upload = pipeline->begin();
  if (!upload)
    return 1;
  symup::scope file;
  file.scope_type = "FILE";
  file.name = file.source_file = "src/main.cpp";
  if (auto added = upload->add(file); !added) // waits while the pipeline is full
    return 1;
  const symup::receipt receipt = upload->finish(); // what was accepted, or why not
  std::cout << receipt.scopes << " scopes accepted in " << receipt.batches << " batches\n";
  return receipt.final ? 0 : 1;
}
